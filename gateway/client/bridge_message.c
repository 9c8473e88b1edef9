#include "client/bridge_message.h"

#include <string.h>

#include "common/base64.h"
#include "common/json.h"

#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define PARSE_ERROR (-32700)
#define INTERNAL_ERROR (-32603)
#define DETAIL_BYTES 400

static bool is_string(const struct json *value)
{
    return json_type_of(value) == JSON_STRING;
}

/* ---- headers ---- */

static bool is_visible(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return text.len > 0;
}

/* Copy a value to a header if it can be sent unchanged. */
static void copy_plain(char to[BRIDGE_HEADER_BYTES], const struct json *value)
{
    struct bytes text = json_string(value);
    if (is_visible(text) && text.len < BRIDGE_HEADER_BYTES)
        bytes_copy_cut(to, BRIDGE_HEADER_BYTES, text);
}

/* Copy a value to a header, in the base64 form that MCP defines if necessary. */
static void copy_name(char to[BRIDGE_HEADER_BYTES], const struct json *value)
{
    struct buf buf;
    struct bytes text = json_string(value);
    bool is_plain = is_visible(text) && !(text.len >= 2 && memcmp(text.data, "=?", 2) == 0);
    if (is_plain || !is_string(value)) {
        copy_plain(to, value);
        return;
    }
    buf_init(&buf, BRIDGE_HEADER_BYTES - 1);
    if (buf_append_string(&buf, "=?base64?") && base64_encode(&buf, text.data, text.len) &&
        buf_append_string(&buf, "?="))
        bytes_copy_cut(to, BRIDGE_HEADER_BYTES, buf_bytes(&buf));
    buf_release(&buf);
}

static void read_object(struct bridge_message *message, const struct json *value,
                        const char *agreed)
{
    const struct json *method = json_get(value, "method"), *params = json_get(value, "params");
    const struct json *version = json_get(json_get(params, "_meta"), META_VERSION);
    const struct json *name = json_get(params, "name");
    struct bytes word = json_string(method);
    message->is_handshake = bytes_equal_string(word, "initialize");
    if (bytes_equal_string(word, "notifications/cancelled"))
        rpc_id_copy(message->cancels, json_get(params, "requestId"));
    if (is_string(method))
        rpc_id_copy(message->id, json_get(value, "id"));
    if (is_string(version)) {
        copy_plain(message->version, version);
        copy_plain(message->method, method);
        copy_name(message->name, is_string(name) ? name : json_get(params, "uri"));
    } else if (!message->is_handshake) {
        bytes_copy_cut(message->version, sizeof(message->version), bytes_of_string(agreed));
    }
}

bool bridge_message_read(struct bridge_message *message, struct bytes line, const char *agreed,
                         struct error *err)
{
    struct json *document = json_parse(line.data, line.len, err);
    *message = (struct bridge_message){.id = ""};
    if (!document)
        return false;
    if (json_type_of(document) == JSON_OBJECT)
        read_object(message, document, agreed);
    else
        bytes_copy_cut(message->version, sizeof(message->version), bytes_of_string(agreed));
    json_free(document);
    return true;
}

const struct call_header *bridge_message_headers(const struct bridge_message *message,
                                                 struct call_header headers[BRIDGE_HEADERS_MAX])
{
    size_t count = 0;
    if (message->version[0])
        headers[count++] = (struct call_header){"MCP-Protocol-Version", message->version};
    if (message->method[0])
        headers[count++] = (struct call_header){"Mcp-Method", message->method};
    if (message->name[0])
        headers[count++] = (struct call_header){"Mcp-Name", message->name};
    headers[count] = (struct call_header){NULL, NULL};
    return headers;
}

/* ---- answers ---- */

bool bridge_message_fail(struct buf *out, const char *id, int code, const char *text)
{
    struct json_out json;
    size_t before = out->len;
    json_begin(&json, out);
    json_open(&json, '{');
    json_member_text(&json, "jsonrpc", "2.0");
    if (id[0]) {
        json_key(&json, "id");
        json.ok = json.ok && buf_append_string(out, id);
        json.comma = true;
    }
    json_key(&json, "error");
    json_open(&json, '{');
    json_key(&json, "code");
    json_put_int(&json, code);
    json_member_text(&json, "message", text);
    json_close(&json, '}');
    json_close(&json, '}');
    if (json.ok && buf_append(out, "\n", 1))
        return true;
    buf_truncate(out, before);
    return false;
}

/* Append a message as one line. A newline in JSON can only stand between tokens, so a space can
 * replace it. */
static bool put_line(struct buf *out, struct bytes text)
{
    size_t before = out->len;
    if (!buf_append(out, text.data, text.len) || !buf_append(out, "\n", 1)) {
        buf_truncate(out, before);
        return false;
    }
    uint8_t *line = out->data + out->start + before;
    for (size_t i = 0; i < text.len; i++) {
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    }
    return true;
}

/* Append an error response with the text of a response that is not a JSON-RPC answer to this id. */
static bool put_refusal(struct buf *out, const char *id, long status, const struct json *answer)
{
    char detail[DETAIL_BYTES];
    struct buf text;
    int64_t code = INTERNAL_ERROR;
    const struct json *error = json_get(answer, "error");
    const struct json *said = error ? json_get(error, "message") : json_get(answer, "detail");
    if (!json_integer(json_get(error, "code"), &code) || code < INT32_MIN || code > INT32_MAX)
        code = INTERNAL_ERROR;
    bytes_copy_cut(detail, sizeof(detail), json_string(said));
    buf_init(&text, DETAIL_BYTES * 2);
    bool is_put = buf_printf(&text, "The gateway refused this, with HTTP status %ld%s%s", status,
                             detail[0] ? ": " : "", detail) &&
                  buf_append(&text, "", 1) &&
                  bridge_message_fail(out, id, (int)code, (const char *)text.data + text.start);
    buf_release(&text);
    return is_put;
}

/* Returns true if a message has this id, or if both have none. */
static bool has_id(const struct json *message, const char *id)
{
    char own[RPC_ID_BYTES];
    const struct json *value = json_get(message, "id");
    bool is_id = rpc_id_copy(own, value);
    return id[0] ? is_id && strcmp(own, id) == 0 : !value;
}

bool bridge_message_translate(struct buf *out, const char *id, long status, struct bytes answer)
{
    if (status == 200)
        return put_line(out, answer);
    struct json *document = json_parse(answer.data, answer.len, NULL);
    bool is_message = is_string(json_get(document, "jsonrpc")) && has_id(document, id);
    bool is_put = is_message ? put_line(out, answer) : put_refusal(out, id, status, document);
    json_free(document);
    return is_put;
}

void bridge_message_agree(char version[BRIDGE_HEADER_BYTES], struct bytes answer)
{
    struct json *document = json_parse(answer.data, answer.len, NULL);
    version[0] = '\0';
    copy_plain(version, json_get(json_get(document, "result"), "protocolVersion"));
    json_free(document);
}
