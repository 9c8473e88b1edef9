/* Reading MCP messages: each is a request of one of the two protocol versions, a message without an
 * answer, or an error with its code.
 */
#include "unit.h"

#include "front/dialects/mcp_message.h"
#include "front/dialects/mcp_tools.h"

#define META                                                                                       \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

static struct json *document;
static struct mcp_message message;

static struct bytes header(const char *value)
{
    return value ? bytes_of_string(value) : (struct bytes){0};
}

static void read_one(const char *text, const char *version, const char *method, const char *name)
{
    const struct mcp_headers headers = {header(version), header(method), header(name)};
    document = json_parse((const uint8_t *)text, strlen(text), NULL);
    check(document, "%s", text);
    mcp_message_read(&message, document, &headers);
}

static void each_message_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version, *method, *name;
        enum mcp_kind kind;
        enum mcp_method is;
        bool is_modern;
        int code, status;
        const char *id;
    } rows[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", NULL, NULL, NULL, MCP_REQUEST,
         MCP_PING, false, 0, 200, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"\",\"method\":\"ping\"}", "2025-06-18", NULL, NULL,
         MCP_REQUEST, MCP_PING, false, 0, 200, "\"a\\\"\""},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", NULL, NULL, NULL, MCP_SILENT, MCP_OTHER,
         false, 0, 200, ""},
        {"{\"jsonrpc\":\"2.0\","
         "\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}",
         NULL, NULL, NULL, MCP_SILENT, MCP_CANCELLED, false, 0, 200, ""},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", NULL, NULL, NULL, MCP_SILENT, MCP_OTHER,
         false, 0, 200, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", MCP_MODERN, NULL, NULL, MCP_SILENT,
         MCP_OTHER, true, MCP_INVALID_REQUEST, 400, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"none\"}", NULL, NULL, NULL, MCP_REQUEST,
         MCP_OTHER, false, MCP_METHOD_NOT_FOUND, 200, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"none\",\"params\":{" META "}}", MCP_MODERN,
         "none", NULL, MCP_REQUEST, MCP_OTHER, true, MCP_METHOD_NOT_FOUND, 404, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}",
         MCP_MODERN, "tools/list", NULL, MCP_REQUEST, MCP_TOOLS_LIST, true, 0, 200, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}",
         "2025-11-25", "tools/list", NULL, MCP_REQUEST, MCP_OTHER, true, MCP_HEADER_MISMATCH, 400,
         "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", MCP_MODERN, "tools/list", NULL,
         MCP_REQUEST, MCP_OTHER, true, MCP_INVALID_PARAMS, 400, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}", NULL, NULL, NULL,
         MCP_REQUEST, MCP_OTHER, true, MCP_INVALID_PARAMS, 400, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "2030-01-01", NULL, NULL,
         MCP_REQUEST, MCP_OTHER, false, MCP_UNSUPPORTED_VERSION, 400, "1"},
        {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", NULL, NULL, NULL, MCP_REQUEST,
         MCP_OTHER, false, MCP_INVALID_REQUEST, 400, ""},
        {"[]", NULL, NULL, NULL, MCP_REQUEST, MCP_OTHER, false, MCP_INVALID_REQUEST, 400, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        read_one(rows[i].text, rows[i].version, rows[i].method, rows[i].name);
        check(message.kind == rows[i].kind && message.method == rows[i].is, "row %zu", i);
        check(message.is_modern == rows[i].is_modern, "row %zu", i);
        check((int)message.fault == rows[i].code, "row %zu: %d", i, (int)message.fault);
        check(message.status == rows[i].status, "row %zu: %d", i, message.status);
        check(strcmp(message.id, rows[i].id) == 0, "row %zu: %s", i, message.id);
        check((message.reason[0] != '\0') == (rows[i].code != 0), "row %zu: %s", i, message.reason);
        json_free(document);
    }
}

static void a_call_has_its_tool_and_token(void **state)
{
    (void)state;
    read_one("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
             "call\",\"params\":{\"name\":\"run_python\","
             "\"arguments\":{\"code\":\"x\"},\"_meta\":{\"progressToken\":-7}}}",
             NULL, NULL, NULL);
    assert_int_equal(message.fault, MCP_FINE);
    assert_string_equal(message.tool->name, "run_python");
    assert_string_equal(message.token, "-7");
    assert_true(bytes_equal_string(json_string(json_get(message.arguments, "code")), "x"));
    json_free(document);
}

static void a_name_may_come_in_base64(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_same;
    } rows[] = {
        {"list_runtimes", true},
        {"=?base64?bGlzdF9ydW50aW1lcw==?=", true},
        {"=?base64?bGlzdF9ydW50aW1lcw?=", false},
        {"=?base64?", false},
        {"=?base64?"
         "?=",
         false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        read_one("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
                 "\"list_runtimes\"," META "}}",
                 MCP_MODERN, "tools/call", rows[i].name);
        check((message.fault == MCP_FINE) == rows[i].is_same, "row %zu: %s", i, message.reason);
        json_free(document);
    }
}

static void a_long_word_is_cut_in_its_fault(void **state)
{
    (void)state;
    char text[600] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"";
    memset(text + strlen(text), 'm', 400);
    memcpy(text + strlen(text), "\"}", 3);
    read_one(text, NULL, NULL, NULL);
    assert_int_equal(message.fault, MCP_METHOD_NOT_FOUND);
    assert_true(strlen(message.reason) < 100);
    json_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_judged),
        cmocka_unit_test(a_call_has_its_tool_and_token),
        cmocka_unit_test(a_name_may_come_in_base64),
        cmocka_unit_test(a_long_word_is_cut_in_its_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
