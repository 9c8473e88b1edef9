#include "unit.h"

#include "client/ending.h"

#define STREAMS                                                                                    \
    ",\"stdout_truncated\":false,\"stderr_truncated\":false,\"stdout_bytes\":1,\"stderr_bytes\":"  \
    "2}"
#define TOLD(members) "{" members STREAMS

/* An answer with this member `session`. */
#define SESSION(member)                                                                            \
    "{\"status\":\"success\",\"return_code\":0,\"stdout_truncated\":false,\"stderr_truncated\":"   \
    "false,"                                                                                       \
    "\"stdout_bytes\":0,\"stderr_bytes\":0,\"session\":" member "}"

static const struct row {
    const char *answer;
    int exit_code; /* -1: refused */
    const char *notices;
} rows[] = {
    {TOLD("\"status\":\"success\",\"return_code\":0,\"signal\":null"), 0, ""},
    {TOLD("\"status\":\"error\",\"return_code\":1,\"message\":null"), 1, ""},
    {TOLD("\"status\":\"error\",\"return_code\":255"), 255, ""},
    {TOLD("\"status\":\"error\",\"return_code\":-11,\"signal\":\"SIGSEGV\""), 139,
     "mayfly: the program was killed by SIGSEGV\n"},
    {TOLD("\"status\":\"error\",\"return_code\":-64,\"signal\":\"SIGRTMAX\""), 192,
     "mayfly: the program was killed by SIGRTMAX\n"},
    {TOLD("\"status\":\"error\",\"return_code\":-9,\"signal\":\"SIGKILL\","
          "\"reason\":\"memory_limit\",\"message\":\"too much\""),
     137, "mayfly: too much\nmayfly: the program was killed by SIGKILL\n"},
    {TOLD("\"status\":\"timeout\",\"return_code\":null,\"message\":\"late\""), 124,
     "mayfly: late\n"},
    {TOLD("\"status\":\"failed\",\"return_code\":null,\"reason\":\"sandbox\",\"message\":\"lost\""),
     125, "mayfly: lost\n"},
    {TOLD("\"status\":\"failed\",\"reason\":\"sandbox\""), 125,
     "mayfly: the run was lost (sandbox)\n"},
    {"{\"status\":\"success\",\"return_code\":0,\"stdout_truncated\":true,\"stdout_bytes\":5000,"
     "\"stderr_truncated\":false,\"stderr_bytes\":0}",
     0,
     "mayfly: stdout is cut: the program wrote 5000 bytes; a larger --max-output may keep more\n"},
    {"{\"status\":\"success\",\"return_code\":0,\"stdout_truncated\":true,\"stdout_bytes\":5000,"
     "\"stderr_truncated\":false,\"stderr_bytes\":0,\"message\":\"Output is cut at 9 bytes\"}",
     0,
     "mayfly: stdout is cut: the program wrote 5000 bytes; a larger --max-output may keep more\n"},
    {"{\"status\":\"success\",\"return_code\":0,\"stdout_truncated\":true,\"stdout_bytes\":5000,"
     "\"stderr_truncated\":false,\"stderr_bytes\":0,\"message\":\"The kernel ended one\"}",
     0,
     "mayfly: The kernel ended one\n"
     "mayfly: stdout is cut: the program wrote 5000 bytes; a larger --max-output may keep more\n"},
    {TOLD("\"status\":\"error\",\"return_code\":1,\"message\":\"\\u001b[2J\\u009b\\nx\""), 1,
     "mayfly: ?[2J???x\n"},

    {"null", -1, "object"},
    {"[]", -1, "object"},
    {"\"success\"", -1, "object"},
    {"{}", -1, "status"},
    {TOLD("\"status\":\"done\""), -1, "status"},
    {TOLD("\"status\":7"), -1, "status"},
    {TOLD("\"status\":\"success\""), -1, "return_code"},
    {TOLD("\"status\":\"success\",\"return_code\":1"), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":0"), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":256"), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":-65"), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":1.5"), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":\"1\""), -1, "return_code"},
    {TOLD("\"status\":\"error\",\"return_code\":1,\"signal\":9"), -1, "signal"},
    {TOLD("\"status\":\"timeout\",\"message\":[]"), -1, "message"},
    {"{\"status\":\"success\",\"return_code\":0}", -1, "stdout_truncated"},
    {SESSION("{\"state_lost\":false,\"generation\":1,\"dropped_bytes\":0}"), 0, ""},
    {SESSION("null"), 0, ""},
    {SESSION("{\"state_lost\":true,\"generation\":2,\"dropped_bytes\":9}"), 0,
     "mayfly: the session has lost its state: a new interpreter was started (generation 2); files "
     "remain\nmayfly: 9 bytes that were written while no cell ran were dropped\n"},
    {SESSION("{\"state_lost\":null,\"generation\":2,\"dropped_bytes\":9}"), -1,
     "describes its session wrongly"},
    {SESSION("{\"state_lost\":true,\"generation\":0.5,\"dropped_bytes\":9}"), -1, "session"},
    {SESSION("{\"state_lost\":true,\"generation\":1}"), -1, "describes its session wrongly"},
    {SESSION("1"), -1, "describes its session wrongly"},
};

static void every_answer_has_its_exit_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct json *answer = json_parse((const uint8_t *)row->answer, strlen(row->answer), NULL);
        struct buf notices;
        struct error why = {.kind = ERR_NONE};
        struct ending ending = {.exit_code = -1};
        buf_init(&notices, 4096);
        bool is_read = ending_read(answer, &ending, &notices, &why);
        check(is_read == (row->exit_code >= 0) && ending.exit_code == row->exit_code, "%s: %d %s",
              row->answer, ending.exit_code, why.text);
        struct bytes said = buf_bytes(&notices);
        check(is_read ? bytes_equal_string(said, row->notices)
                      : said.len == 0 && strstr(why.text, row->notices) != NULL,
              "%s: %.*s%s", row->answer, (int)said.len, said.data ? (const char *)said.data : "",
              why.text);
        buf_release(&notices);
        json_free(answer);
    }
}

static bool is_cut(const char *members)
{
    struct buf text, notices;
    struct ending ending = {.exit_code = -1};
    buf_init(&text, 1000);
    buf_init(&notices, 1000);
    assert_true(buf_printf(&text, "{\"status\":\"success\",\"return_code\":0,%s,", members));
    assert_true(buf_append_string(&text, "\"stdout_bytes\":9,\"stderr_bytes\":9}"));
    struct json *answer = json_parse(text.data, text.len, NULL);
    assert_true(ending_read(answer, &ending, &notices, NULL));
    assert_int_equal(ending.exit_code, 0);
    json_free(answer);
    buf_release(&text);
    buf_release(&notices);
    return ending.is_cut;
}

static void what_is_cut_is_told_in_any_of_three_ways(void **state)
{
    (void)state;
    assert_true(is_cut("\"reason\":\"output_limit\",\"stdout_truncated\":false,"
                       "\"stderr_truncated\":false"));
    assert_true(is_cut("\"reason\":null,\"stdout_truncated\":true,\"stderr_truncated\":false"));
    assert_true(is_cut("\"reason\":null,\"stdout_truncated\":false,\"stderr_truncated\":true"));
    assert_false(is_cut("\"reason\":null,\"stdout_truncated\":false,\"stderr_truncated\":false"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_its_exit_code),
        cmocka_unit_test(what_is_cut_is_told_in_any_of_three_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
