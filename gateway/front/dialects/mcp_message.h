/* mcp_message.h - reads a JSON-RPC message of an MCP client: the request, or its fault.
 *
 * Pure: a document and three headers in, a struct out.
 */
#ifndef MAYFLY_MCP_MESSAGE_H
#define MAYFLY_MCP_MESSAGE_H

#include "common/json.h"
#include "common/rpc_id.h"

#define MCP_MODERN "2026-07-28"
#define MCP_NEWEST_LEGACY "2025-11-25"
#define MCP_WITH_BATCHES "2025-03-26" /* also assumed for a request without a version */
/* The protocol revisions that we support, newest first, ended by NULL. */
extern const char *const mcp_versions[];

#define MCP_REASON_BYTES 200 /* a sentence that may quote a few words of the client */
#define MCP_BATCH_MAX 16

/* Error codes of JSON-RPC, and two of modern MCP. */
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
    MCP_SILENT, /* a notification or a response: not answered, unless something is wrong with it */
};

enum mcp_method {
    MCP_OTHER,      /* a method that we do not support, or that this kind of message cannot have */
    MCP_INITIALIZE, /* legacy */
    MCP_PING,       /* legacy */
    MCP_CANCELLED,  /* legacy; a notification */
    MCP_DISCOVER,   /* modern */
    MCP_TOOLS_LIST,
    MCP_TOOLS_CALL,
};

/* The HTTP headers; data is NULL if one is missing. */
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
    const char *version;          /* one of mcp_versions; for MCP_INITIALIZE the one to agree on */
    char id[RPC_ID_BYTES];        /* as JSON; "" if it cannot be read */
    char token[RPC_ID_BYTES];     /* the progress token, as JSON; "": no progress is wanted */
    char cancels[RPC_ID_BYTES];   /* for MCP_CANCELLED: the id of the request to end, as JSON */
    const struct mcp_tool *tool;  /* for MCP_TOOLS_CALL */
    const struct json *arguments; /* its arguments, borrowed from the document; NULL: none */
    /* the reason if the answer is an error, else MCP_FINE */
    enum mcp_code fault;
    int status; /* the HTTP status of the answer */
    char reason[MCP_REASON_BYTES];
    char requested[32]; /* for MCP_UNSUPPORTED_VERSION: the requested version, cut */
};

/* Read one message, which is not an array. Tool and arguments are borrowed. */
void mcp_message_read(struct mcp_message *message, const struct json *value,
                      const struct mcp_headers *headers);

/* Returns true if a body with these headers may be an array of messages, as one old revision
 * allows. */
bool mcp_message_may_batch(const struct mcp_headers *headers);
/* Set this error and HTTP status 400 as the answer to the message. */
void mcp_message_fail(struct mcp_message *message, enum mcp_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
