/* mayfly mcp: checks that no byte from the MCP host or the gateway can end an HTTP header early,
 * and that each answer is one line with the id of its request.
 *
 * The input: the host's line, a newline, then the gateway's answer.
 */
#include "fuzz.h"

#include "client/bridge_message.h"
#include "common/json.h"

static void check_headers(const struct bridge_message *message)
{
    struct call_header headers[BRIDGE_HEADERS_MAX];
    const struct call_header *header = bridge_message_headers(message, headers);
    for (; header->name; header++) {
        must(header->value[0]);
        for (const char *at = header->value; *at; at++)
            must(*at > ' ' && *at <= '~');
    }
}

static void check_line(const struct buf *out, const char *id, bool is_message)
{
    struct bytes line = buf_bytes(out);
    must(line.len > 0 && line.data[line.len - 1] == '\n');
    must(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
    struct json *document = json_parse(line.data, line.len, NULL);
    must(!is_message || document);
    must(!is_message || (json_get(document, "id") != NULL) == (id[0] != '\0'));
    json_free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bridge_message message;
    struct error err;
    struct buf out;
    char version[BRIDGE_HEADER_BYTES];
    const uint8_t *newline = len > 0 ? memchr(data, '\n', len) : NULL;
    size_t line_len = newline ? (size_t)(newline - data) : len;
    size_t answer_at = newline ? line_len + 1 : len;
    struct bytes answer = bytes_of(data + answer_at, len - answer_at);
    if (!bridge_message_read(&message, bytes_of(data, line_len), "2025-06-18", &err))
        return 0;
    check_headers(&message);
    for (long status = 200; status <= 502; status += 151) {
        buf_init(&out, 1 << 20);
        must(bridge_message_translate(&out, message.id, status, answer));
        check_line(&out, message.id, status != 200);
        buf_release(&out);
    }
    bridge_message_agree(version, answer);
    must(strlen(version) < sizeof version);
    return 0;
}
