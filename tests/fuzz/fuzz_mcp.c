/* POST /mcp: checks that any JSON document is read as a message of one of the two protocol versions
 * or as an error, and that the answer is valid JSON with the message's id. The arguments of a tool
 * of sessions make a request, or mistakes that are named.
 *
 * The input: three headers, each ended by a newline ("-" for an absent one), then the document.
 */
#include "fuzz.h"

#include "common/log.h"
#include "front/api/reading.h"
#include "front/api/service.h"
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

/* ---- tools of sessions, without a broker ---- */

static struct service *service_alone(void)
{
    static struct config config;
    static struct reactor reactor;
    static struct metrics metrics;
    static struct service service;
    if (!service.config) {
        log_init("fuzz", LOG_FORMAT_JSON, LOG_ERROR);
        clearenv();
        must(config_load(&config, NULL));
        service.config = &config;
        service.executions.link = link_new(&config, &reactor, &metrics, -1, NULL, NULL);
        must(service.executions.link);
    }
    return &service;
}

static void check_refusal(const struct field_errors *errors, const char *refused)
{
    struct buf text;
    struct json_out json;
    const struct problem problem = problem_of_fields(errors);
    buf_init(&text, 1 << 20);
    json_begin(&json, &text);
    json_open(&json, '{');
    mcp_answer_put_refusal(&json, &problem, refused);
    json_close(&json, '}');
    must(json.ok);
    struct json *document = json_parse(buf_bytes(&text).data, text.len, NULL);
    must(document && json_bool(json_get(document, "isError")));
    json_free(document);
    buf_release(&text);
}

static void check_session(const struct mcp_message *message)
{
    struct service *service = service_alone();
    struct request request;
    struct field_errors errors = {.count = 0};
    struct reading reading = {
        .config = service->config, .request = &request, .errors = &errors, .prefix = ""};
    struct mcp_session *session =
        mcp_session_new(message->tool->session, message->tool->refused, service, "");
    must(session);
    request_init(&request, service->config);
    bool has_run = mcp_session_read(session, &reading, message->arguments);
    must(has_run == (errors.count > 0 || message->tool->session != MCP_SESSION_CLOSE));
    if (errors.count > 0)
        check_refusal(&errors, message->tool->refused);
    mcp_session_free(session);
    request_release(&request);
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
    if (message.fault == MCP_FINE && message.tool && message.tool->session != MCP_NO_SESSION)
        check_session(&message);
    json_free(document);
    return 0;
}
