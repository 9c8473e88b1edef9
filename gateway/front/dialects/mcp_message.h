/* mcp_message.h - a JSON-RPC message of a client of MCP: its request, or its fault.
 *
 * Pure: a document and three headers in, a judgement out.
 */
#ifndef MAYFLY_MCP_MESSAGE_H
#define MAYFLY_MCP_MESSAGE_H

#include "common/json.h"
#include "common/rpc_id.h"

#define MCP_MODERN "2026-07-28"
#define MCP_NEWEST_LEGACY "2025-11-25"
#define MCP_WITH_BATCHES "2025-03-26" /* also that of a request without a version */
/* The revisions, the newest first, ended by NULL. */
extern const char *const mcp_versions[];

#define MCP_REASON_BYTES 200 /* a sentence with a few words of the client's in it */
#define MCP_BATCH_MAX 16

/* Codes of JSON-RPC, and of the modern era. */
enum mcp_code {
    MCP_FINE = 0,
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_METHOD_NOT_FOUND = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL_ERROR = -32603,
    MCP_HEADER_MISMATCH = -32020,
    MCP_UNSUPPORTED_VERSION = -32022,
};

enum mcp_kind {
    MCP_REQUEST,
    MCP_SILENT, /* a notification or a response: it gets no answer, unless it is at fault */
};

enum mcp_method {
    MCP_OTHER,      /* none that we serve, or none that this kind has */
    MCP_INITIALIZE, /* legacy */
    MCP_PING,       /* legacy */
    MCP_CANCELLED,  /* legacy, a notification */
    MCP_DISCOVER,   /* modern */
    MCP_TOOLS_LIST,
    MCP_TOOLS_CALL,
};

/* The headers of its request; data is NULL if a header is absent. */
struct mcp_headers {
    struct bytes version; /* MCP-Protocol-Version */
    struct bytes method;  /* Mcp-Method */
    struct bytes name;    /* Mcp-Name */
};

struct mcp_tool;

struct mcp_message {
    enum mcp_kind kind;
    enum mcp_method method;
    bool is_modern;
    const char *version;          /* of mcp_versions; of MCP_INITIALIZE the one to agree on */
    char id[RPC_ID_BYTES];        /* as JSON; "" if none can be read */
    char token[RPC_ID_BYTES];     /* the progress token, as JSON; "": no progress is wanted */
    char cancels[RPC_ID_BYTES];   /* of MCP_CANCELLED: the id of the request to end, as JSON */
    const struct mcp_tool *tool;  /* of MCP_TOOLS_CALL */
    const struct json *arguments; /* of it, borrowed from the document; NULL: none */
    /* the reason why it gets no result; MCP_FINE: none */
    enum mcp_code fault;
    int status; /* the HTTP status of its answer */
    char reason[MCP_REASON_BYTES];
    char requested[32]; /* of MCP_UNSUPPORTED_VERSION: the version, cut */
};

/* Read one message, which is no array. The tool and the arguments are borrowed. */
void mcp_message_read(struct mcp_message *message, const struct json *value,
                      const struct mcp_headers *headers);

/* May a request with these headers be a batch, by its revision? */
bool mcp_message_may_batch(const struct mcp_headers *headers);
/* Make the message an error of HTTP status 400. */
void mcp_message_fail(struct mcp_message *message, enum mcp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
