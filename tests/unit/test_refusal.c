#include "unit.h"

#include "common/notice.h"
#include "client/refusal.h"

static const struct row {
    long status;
    const char *body;
    long expected;
    bool is_passing;
    const char *notices;
} rows[] = {
    {422,
     "{\"status\":422,\"code\":\"invalid_request\",\"detail\":\"2 fields are wrong\",\"errors\":["
     "{\"field\":\"timeout\",\"message\":\"must be a "
     "number\"},{\"field\":\"\",\"message\":\"x\"}]}",
     422, false,
     "mayfly: the gateway answered 422 invalid_request: 2 fields are wrong\n"
     "mayfly:   timeout: must be a number\nmayfly:   x\n"},
    {0, "{\"status\":503,\"code\":\"busy\",\"detail\":\"full\"}", 503, true,
     "mayfly: the gateway answered 503 busy: full\n"},
    {503, "", 503, true, "mayfly: the gateway answered 503\n"},
    {429, "<html>", 429, true, "mayfly: the gateway answered 429\n"},
    {502, "{\"status\":503}", 502, false, "mayfly: the gateway answered 502\n"},
    {0, "{\"status\":\"503\"}", 500, false, "mayfly: the gateway answered 500\n"},
    {0, "{\"status\":7}", 500, false, "mayfly: the gateway answered 500\n"},
    {401, "[1,{}]", 401, false,
     "mayfly: the gateway answered 401\n"
     "mayfly:   --key-file FILE, or MAYFLY_KEY_FILE, names the file that holds the key\n"},
    {400, "{\"code\":4,\"detail\":{},\"errors\":{\"field\":1}}", 400, false,
     "mayfly: the gateway answered 400\n"},
    {400, "{\"errors\":[3,null,{\"field\":[]}]}", 400, false,
     "mayfly: the gateway answered 400\nmayfly:   \nmayfly:   \nmayfly:   \n"},
    {409, "{\"code\":\"session_busy\",\"detail\":\"1 runs\",\"running\":\"1\"}", 409, true,
     "mayfly: the gateway answered 409 session_busy: 1 runs\n"},
    {409, "{\"code\":\"session_differs\"}", 409, false,
     "mayfly: the gateway answered 409 session_differs\n"},
    {429, "{\"code\":\"session_limit\"}", 429, false,
     "mayfly: the gateway answered 429 session_limit\n"},
    {410, "{\"code\":\"session_gone\",\"reason\":\"crashed\",\"detail\":\"It is gone.\"}", 410,
     false, "mayfly: the session has ended (crashed): It is gone.\n"},
    {410, "{\"code\":\"session_gone\",\"reason\":7}", 410, false,
     "mayfly: the session has ended (unknown)\n"},
    {410, "{\"code\":\"gone\"}", 410, false, "mayfly: the gateway answered 410 gone\n"},
    {400, "{\"detail\":\"a\\u001b]0;x\\u0007\\nb\\u0000c\"}", 400, false,
     "mayfly: the gateway answered 400: a?]0;x??b\n"},
};

static void every_body_makes_some_sense(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct refusal refusal;
        struct buf notices;
        buf_init(&notices, 4096);
        refusal_read(&refusal, rows[i].status, bytes_of_string(rows[i].body));
        refusal_describe(&refusal, &notices);
        struct bytes said = buf_bytes(&notices);
        check(refusal.status == rows[i].expected &&
                  refusal_is_passing(&refusal) == rows[i].is_passing,
              "row %zu: %ld", i, refusal.status);
        check(bytes_equal_string(said, rows[i].notices), "row %zu: %.*s", i, (int)said.len,
              (const char *)said.data);
        buf_release(&notices);
        refusal_release(&refusal);
    }
}

/* Whatever bytes a gateway sends, the notice is one line of limited length. */
static void a_notice_is_one_line_with_a_cap(void **state)
{
    (void)state;
    static char text[3 * NOTICE_MAX_BYTES];
    struct buf notices;
    buf_init(&notices, 4096);
    memset(text, 'x', sizeof(text) - 1);
    text[NOTICE_MAX_BYTES - 2] = '\xe2'; /* a character that the cap would split */
    text[NOTICE_MAX_BYTES - 1] = '\x82';
    text[NOTICE_MAX_BYTES] = '\xac';
    notice_add(&notices, "%s", text);
    struct bytes said = buf_bytes(&notices);
    assert_int_equal(said.len, strlen("mayfly: \n") + NOTICE_MAX_BYTES - 2);
    assert_memory_equal(said.data + said.len - 2, "x\n", 2);
    buf_consume(&notices, notices.len);
    notice_add(&notices, "a\xff\xc3\xa9%s\x7f", "\xc2\x80\xc2\xa0");
    assert_true(holds(&notices, "mayfly: a\xef\xbf\xbd\xc3\xa9??\xc2\xa0?\n"));
    buf_release(&notices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_makes_some_sense),
        cmocka_unit_test(a_notice_is_one_line_with_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
