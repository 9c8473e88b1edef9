/* mcp_message.c - checks the JSON-RPC envelope first, then the protocol's generation, then the
 * needs of the method. It stops at the first fault.
 */
#include "front/dialects/mcp_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base64.h"
#include "front/dialects/mcp_tools.h"

#define META "io.modelcontextprotocol/"
#define SHOWN 64 /* most bytes of a client's text that are quoted in an error */
#define ENCODED_BEGIN "=?base64?"
#define ENCODED_END "?="

const char *const mcp_versions[] = {MCP_MODERN, MCP_NEWEST_LEGACY, "2025-06-18", MCP_WITH_BATCHES,
                                    NULL};

/* ---- faults ---- */

void mcp_message_fail(struct mcp_message *message, enum mcp_code code, const char *format, ...)
{
    va_list arguments;
    message->fault = code;
    message->status = 400;
    va_start(arguments, format);
    vsnprintf(message->reason, sizeof message->reason, format, arguments);
    va_end(arguments);
}

/* Like mcp_message_fail, but answers modern clients with modern_status. */
static void fail_call(struct mcp_message *message, enum mcp_code code, int modern_status,
                      const char *what, struct bytes word)
{
    char shown[SHOWN];
    bytes_copy_cut(shown, sizeof shown, word);
    mcp_message_fail(message, code, "%s%s", what, shown);
    message->status = message->is_modern ? modern_status : 200;
}

static void refuse_version(struct mcp_message *message, struct bytes version)
{
    mcp_message_fail(message, MCP_UNSUPPORTED_VERSION, "Unsupported protocol version");
    bytes_copy_cut(message->requested, sizeof message->requested, version);
}

/* ---- its parts ---- */

static bool is_string(const struct json *value)
{
    return json_type_of(value) == JSON_STRING;
}

static bool is_same(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Returns our own string for this protocol revision; NULL if we do not support it. */
static const char *known_version(struct bytes name)
{
    size_t i = 0;
    while (mcp_versions[i] && !bytes_equal_string(name, mcp_versions[i]))
        i++;
    return mcp_versions[i];
}

/* Returns true if the header has this value, plain or in MCP's base64 form. */
static bool header_says(struct bytes header, struct bytes value)
{
    size_t begin = strlen(ENCODED_BEGIN), end = strlen(ENCODED_END);
    bool is_encoded = header.len >= begin + end && memcmp(header.data, ENCODED_BEGIN, begin) == 0 &&
                      memcmp(header.data + header.len - end, ENCODED_END, end) == 0;
    if (!is_encoded)
        return is_same(header, value);
    struct buf decoded;
    buf_init(&decoded, header.len);
    bool says =
        base64_decode(&decoded, (const char *)header.data + begin, header.len - begin - end) &&
        is_same(buf_bytes(&decoded), value);
    buf_release(&decoded);
    return says;
}

/* ---- the envelope ---- */

static void read_envelope(struct mcp_message *message, const struct json *value)
{
    const struct json *id = json_get(value, "id"), *params = json_get(value, "params");
    if (id && !rpc_id_copy(message->id, id))
        mcp_message_fail(message, MCP_INVALID_REQUEST,
                         "id must be an integer, or a string of at most 256 bytes");
    else if (!is_string(json_get(value, "jsonrpc")) ||
             !bytes_equal_string(json_string(json_get(value, "jsonrpc")), "2.0"))
        mcp_message_fail(message, MCP_INVALID_REQUEST, "jsonrpc must be \"2.0\"");
    else if (!json_get(value, "method") && (json_get(value, "result") || json_get(value, "error")))
        message->kind = MCP_SILENT;
    else if (!is_string(json_get(value, "method")))
        mcp_message_fail(message, MCP_INVALID_REQUEST, "method must be a string");
    else if (params && json_type_of(params) != JSON_OBJECT)
        mcp_message_fail(message, MCP_INVALID_PARAMS, "params must be an object");
    else
        message->kind = id ? MCP_REQUEST : MCP_SILENT;
}

/* ---- the era ---- */

static const struct json *meta_of(const struct json *value)
{
    const struct json *meta = json_get(json_get(value, "params"), "_meta");
    return json_type_of(meta) == JSON_OBJECT ? meta : NULL;
}

/* Returns true if the message is of the modern generation. Only modern clients call the method for
 * discovery. */
static bool is_modern(const struct json *value, const struct mcp_headers *headers)
{
    return json_get(meta_of(value), META "protocolVersion") ||
           bytes_equal_string(headers->version, MCP_MODERN) ||
           bytes_equal_string(json_string(json_get(value, "method")), "server/discover");
}

static void read_legacy_version(struct mcp_message *message, const struct mcp_headers *headers)
{
    if (!headers->version.data)
        message->version = MCP_WITH_BATCHES;
    else
        message->version = known_version(headers->version);
    if (!message->version)
        refuse_version(message, headers->version);
}

static void read_modern_version(struct mcp_message *message, const struct json *value,
                                const struct mcp_headers *headers)
{
    const struct json *meta = meta_of(value), *version = json_get(meta, META "protocolVersion");
    if (!is_string(version))
        mcp_message_fail(message, MCP_INVALID_PARAMS,
                         "params._meta must have " META "protocolVersion");
    else if (json_type_of(json_get(meta, META "clientCapabilities")) != JSON_OBJECT)
        mcp_message_fail(message, MCP_INVALID_PARAMS,
                         "params._meta must have " META "clientCapabilities");
    else if (!headers->version.data || !is_same(headers->version, json_string(version)))
        mcp_message_fail(message, MCP_HEADER_MISMATCH,
                         "Header mismatch: MCP-Protocol-Version must be the version of the body");
    else if (!bytes_equal_string(headers->version, MCP_MODERN))
        refuse_version(message, headers->version);
    else
        message->version = MCP_MODERN;
}

/* Check that the headers agree with the body, because proxies on the way read only the headers. */
static void check_headers(struct mcp_message *message, const struct json *value,
                          const struct mcp_headers *headers)
{
    struct bytes method = json_string(json_get(value, "method"));
    const struct json *params = json_get(value, "params"), *name = json_get(params, "name");
    bool has_name =
        bytes_equal_string(method, "tools/call") || bytes_equal_string(method, "prompts/get");
    if (bytes_equal_string(method, "resources/read")) {
        has_name = true;
        name = json_get(params, "uri");
    }
    if (!headers->method.data || !is_same(headers->method, method))
        mcp_message_fail(message, MCP_HEADER_MISMATCH,
                         "Header mismatch: Mcp-Method must be the method of the body");
    else if (has_name && is_string(name) &&
             (!headers->name.data || !header_says(headers->name, json_string(name))))
        mcp_message_fail(message, MCP_HEADER_MISMATCH,
                         "Header mismatch: Mcp-Name must be the name of the body");
}

/* ---- the methods ---- */

static enum mcp_method method_of(const struct mcp_message *message, struct bytes name)
{
    static const struct {
        const char *name;
        enum mcp_method method;
        enum mcp_kind kind;
        bool is_modern, is_legacy;
    } methods[] = {
        {"initialize", MCP_INITIALIZE, MCP_REQUEST, .is_legacy = true},
        {"ping", MCP_PING, MCP_REQUEST, .is_legacy = true},
        {"notifications/cancelled", MCP_CANCELLED, MCP_SILENT, .is_legacy = true},
        {"server/discover", MCP_DISCOVER, MCP_REQUEST, .is_modern = true},
        {"tools/list", MCP_TOOLS_LIST, MCP_REQUEST, .is_modern = true, .is_legacy = true},
        {"tools/call", MCP_TOOLS_CALL, MCP_REQUEST, .is_modern = true, .is_legacy = true},
    };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        bool is_of_era = message->is_modern ? methods[i].is_modern : methods[i].is_legacy;
        if (is_of_era && methods[i].kind == message->kind &&
            bytes_equal_string(name, methods[i].name))
            return methods[i].method;
    }
    return MCP_OTHER;
}

static void read_initialize(struct mcp_message *message, const struct json *params)
{
    const struct json *wanted = json_get(params, "protocolVersion");
    const char *version = is_string(wanted) ? known_version(json_string(wanted)) : NULL;
    if (!is_string(wanted))
        fail_call(message, MCP_INVALID_PARAMS, 400, "params.protocolVersion must be a string",
                  (struct bytes){0});
    message->version = version && strcmp(version, MCP_MODERN) != 0 ? version : MCP_NEWEST_LEGACY;
}

/* Returns a member of an object; NULL if it is missing or null. */
static const struct json *given(const struct json *object, const char *name)
{
    const struct json *member = json_get(object, name);
    return json_type_of(member) == JSON_NULL ? NULL : member;
}

static void read_call(struct mcp_message *message, const struct json *params)
{
    const struct json *name = json_get(params, "name"), *token;
    message->arguments = given(params, "arguments");
    if (!is_string(name)) {
        fail_call(message, MCP_INVALID_PARAMS, 200, "params.name must be a string",
                  (struct bytes){0});
        return;
    }
    message->tool = mcp_tools_find(json_string(name));
    if (!message->tool)
        fail_call(message, MCP_INVALID_PARAMS, 200, "Unknown tool: ", json_string(name));
    else if (message->arguments && json_type_of(message->arguments) != JSON_OBJECT)
        fail_call(message, MCP_INVALID_PARAMS, 200, "params.arguments must be an object",
                  (struct bytes){0});
    token = given(json_get(params, "_meta"), "progressToken");
    if (token && !rpc_id_copy(message->token, token))
        fail_call(message, MCP_INVALID_PARAMS, 200,
                  "progressToken must be an integer, or a string of at most 256 bytes",
                  (struct bytes){0});
}

static void read_method(struct mcp_message *message, const struct json *value)
{
    const struct json *params = json_get(value, "params");
    struct bytes name = json_string(json_get(value, "method"));
    message->method = method_of(message, name);
    switch (message->method) {
    case MCP_OTHER:
        if (message->kind == MCP_REQUEST)
            fail_call(message, MCP_METHOD_NOT_FOUND, 404, "Method not found: ", name);
        break;
    case MCP_INITIALIZE:
        read_initialize(message, params);
        break;
    case MCP_CANCELLED:
        if (!rpc_id_copy(message->cancels, json_get(params, "requestId")))
            message->cancels[0] = '\0'; /* a malformed notification is ignored */
        break;
    case MCP_TOOLS_CALL:
        read_call(message, params);
        break;
    case MCP_PING:
    case MCP_DISCOVER:
    case MCP_TOOLS_LIST:
        if (given(params, "cursor"))
            fail_call(message, MCP_INVALID_PARAMS, 200, "There is no page after the first one",
                      (struct bytes){0});
        break;
    }
}

/* ---- the interface ---- */

void mcp_message_read(struct mcp_message *message, const struct json *value,
                      const struct mcp_headers *headers)
{
    *message = (struct mcp_message){.kind = MCP_REQUEST, .status = 200};
    if (json_type_of(value) != JSON_OBJECT) {
        mcp_message_fail(message, MCP_INVALID_REQUEST, "A message must be an object");
        return;
    }
    read_envelope(message, value);
    if (message->fault != MCP_FINE)
        return;
    message->is_modern = is_modern(value, headers);
    bool is_request = message->kind == MCP_REQUEST;
    if (!message->is_modern)
        read_legacy_version(message, headers);
    else if (!json_get(value, "method"))
        mcp_message_fail(message, MCP_INVALID_REQUEST, "A client must not send a response");
    else if (is_request)
        read_modern_version(message, value, headers);
    if (message->fault == MCP_FINE && message->is_modern && is_request)
        check_headers(message, value, headers);
    if (message->fault == MCP_FINE && json_get(value, "method"))
        read_method(message, value);
}

bool mcp_message_may_batch(const struct mcp_headers *headers)
{
    return !headers->version.data || bytes_equal_string(headers->version, MCP_WITH_BATCHES);
}
