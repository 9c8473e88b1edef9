/* POST /mcp: checks that any JSON document is read as a message of one of the two protocol versions
 * or as an error, and that the answer is valid JSON with the message's id.
 *
 * The input: three headers, each ended by a newline ("-" for an absent one), then the document.
 */
#include "fuzz.h"

#include "front/dialects/mcp_answer.h"
#include "front/dialects/mcp_message.h"
#include "front/dialects/mcp_tools.h"

/* Take the next line off the input. An absent header gives no bytes. */
static struct bytes take_header(struct bytes *input)
{
    const uint8_t *end = input->len > 0 ? memchr(input->data, '\n', input->len) : NULL;
    size_t len = end ? (size_t)(end - input->data) : input->len;
    struct bytes header = bytes_of(input->data, len);
    size_t taken = len + (end ? 1 : 0);
    *input = bytes_of(input->data + taken, input->len - taken);
    return bytes_equal_string(header, "-") ? (struct bytes){0} : header;
}

static void check_text(const struct buf *text, const struct mcp_message *message)
{
    struct error err;
    struct json *document = json_parse(buf_bytes(text).data, text->len, &err);
    must(document);
    must((json_get(document, "id") != NULL) == (message->id[0] != '\0'));
    json_free(document);
}

static void check_answers(const struct mcp_message *message)
{
    struct buf text;
    struct json_out json;
    buf_init(&text, 1 << 20);
    json_begin(&json, &text);
    if (message->fault == MCP_FINE) {
        mcp_answer_open(&json, message);
        mcp_answer_close(&json);
    } else {
        mcp_answer_put_error(&json, message);
    }
    must(json.ok);
    check_text(&text, message);
    buf_release(&text);
}

static void check_message(const struct mcp_message *message, const struct mcp_headers *headers)
{
    must(message->fault == MCP_FINE || message->status >= 200);
    must((message->fault == MCP_FINE) == (message->reason[0] == '\0'));
    must(message->status == 200 || message->status == 400 || message->status == 404);
    must(message->fault != MCP_FINE || message->status == 200);
    if (message->fault != MCP_FINE || message->kind != MCP_REQUEST)
        return;
    must(message->id[0] && message->version && message->method != MCP_OTHER);
    must((message->method == MCP_TOOLS_CALL) == (message->tool != NULL));
    must(!message->arguments || json_type_of(message->arguments) == JSON_OBJECT);
    must(!message->is_modern || bytes_equal_string(headers->version, MCP_MODERN));
    must(!message->is_modern || headers->method.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes input = bytes_of(data, len);
    struct mcp_headers headers = {.version = take_header(&input)};
    headers.method = take_header(&input);
    headers.name = take_header(&input);
    struct json *document = json_parse(input.data, input.len, NULL);
    if (!document)
        return 0;
    struct mcp_message message;
    mcp_message_read(&message, document, &headers);
    check_message(&message, &headers);
    check_answers(&message);
    json_free(document);
    return 0;
}
