/* mayfly mcp: an MCP host's lines become HTTP requests, and HTTP answers become lines. */
#include "unit.h"

#include "client/bridge_message.h"

static void a_line_has_its_headers(void **state)
{
    (void)state;
#define NEW "\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}"
    static const struct {
        const char *line, *id, *cancels, *version, *method, *name;
    } rows[] = {
        {"{\"id\":1,\"method\":\"ping\"}", "1", "", "2025-06-18", "", ""},
        {"{\"id\":\"x\",\"method\":\"initialize\"}", "\"x\"", "", "", "", ""},
        {"{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"7\"}}", "", "\"7\"",
         "2025-06-18", "", ""},
        {"{\"id\":3,\"result\":{}}", "", "", "2025-06-18", "", ""},
        {"[{\"id\":1,\"method\":\"ping\"}]", "", "", "2025-06-18", "", ""},
        {"{\"id\":1,\"method\":\"tools/list\"," NEW "}}", "1", "", "2026-07-28", "tools/list", ""},
        {"{\"id\":1,\"method\":\"tools/call\"," NEW ",\"name\":\"a b\"}}", "1", "", "2026-07-28",
         "tools/call", "=?base64?YSBi?="},
        {"{\"id\":1,\"method\":\"tools/call\"," NEW ",\"name\":\"=?x\"}}", "1", "", "2026-07-28",
         "tools/call", "=?base64?PT94?="},
        {"{\"id\":1,\"method\":\"resources/read\"," NEW ",\"uri\":\"file:///x\"}}", "1", "",
         "2026-07-28", "resources/read", "file:///x"},
        {"{\"id\":1,\"method\":\"a\\r\\nX: y\"," NEW "}}", "1", "", "2026-07-28", "", ""},
        {"{\"id\":1,\"method\":\"m\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/"
         "protocolVersion\":"
         "\"\\n\"}}}",
         "1", "", "", "m", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bridge_message message;
        check(bridge_message_read(&message, bytes_of_string(rows[i].line), "2025-06-18", NULL),
              "row %zu", i);
        check(strcmp(message.id, rows[i].id) == 0, "row %zu: %s", i, message.id);
        check(strcmp(message.cancels, rows[i].cancels) == 0, "row %zu: %s", i, message.cancels);
        check(strcmp(message.version, rows[i].version) == 0, "row %zu: %s", i, message.version);
        check(strcmp(message.method, rows[i].method) == 0, "row %zu: %s", i, message.method);
        check(strcmp(message.name, rows[i].name) == 0, "row %zu: %s", i, message.name);
        struct call_header headers[BRIDGE_HEADERS_MAX];
        size_t count = 0;
        while (bridge_message_headers(&message, headers)[count].name)
            count++;
        size_t expected = (message.version[0] ? 1U : 0U) + (message.method[0] ? 1U : 0U) +
                          (message.name[0] ? 1U : 0U);
        check(count == expected, "row %zu: %zu headers", i, count);
    }
}

static void an_answer_becomes_a_line(void **state)
{
    (void)state;
    static const struct {
        long status;
        const char *id, *answer, *line;
    } rows[] = {
        {200, "1", "{\n\"id\": 1\r\n}", "{ \"id\": 1  }\n"},
        {400, "1", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32022}}",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32022}}\n"},
        {400, "1", "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"m\"}}",
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32700,\"message\":\"The gateway "
         "refused "
         "this, with HTTP status 400: m\"}}\n"},
        {401, "\"a\"", "{\"detail\":\"No key.\"}",
         "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":-32603,\"message\":\"The gateway "
         "refused this, with HTTP status 401: No key.\"}}\n"},
        {400, "", "{\"jsonrpc\":\"2.0\",\"id\":[1],\"error\":{\"message\":\"m\"}}",
         "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":\"The gateway refused this, "
         "with HTTP status 400: m\"}}\n"},
        {502, "2", "<html>",
         "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32603,\"message\":\"The gateway "
         "refused "
         "this, with HTTP status 502\"}}\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 10000);
        assert_true(bridge_message_translate(&out, rows[i].id, rows[i].status,
                                             bytes_of_string(rows[i].answer)));
        check(bytes_equal_string(buf_bytes(&out), rows[i].line), "row %zu: %.*s", i, (int)out.len,
              (const char *)out.data);
        buf_release(&out);
    }
}

static void a_handshake_agrees_on_a_revision(void **state)
{
    (void)state;
    char version[BRIDGE_HEADER_BYTES];
    bridge_message_agree(version,
                         bytes_of_string("{\"result\":{\"protocolVersion\":\"2025-06-18\"}}"));
    assert_string_equal(version, "2025-06-18");
    static const char *const none[] = {"{", "{}", "{\"result\":{\"protocolVersion\":\"a\\nb\"}}",
                                       "{\"result\":{\"protocolVersion\":7}}"};
    for (size_t i = 0; i < COUNT(none); i++) {
        bridge_message_agree(version, bytes_of_string(none[i]));
        check(version[0] == '\0', "row %zu: %s", i, version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_headers),
        cmocka_unit_test(an_answer_becomes_a_line),
        cmocka_unit_test(a_handshake_agrees_on_a_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
