/* The judge of a request's tests: the verdict of each run, the order of comparisons, and texts that
 * were cut off. Then the summary, the excerpt of a difference, and the reason why no further test
 * begins.
 */
#include "unit.h"

#include <stdio.h>

#include "common/clock.h"
#include "front/runs/excerpt.h"
#include "front/runs/halt.h"
#include "front/runs/judge.h"

static struct transcript run;

uint64_t clock_now_ns(void)
{
    return 9 * NS_PER_MS;
}

static void begin(void)
{
    static const struct job job = {.timeout_ms = 1000, .output_bytes = 100000};
    transcript_init(&run, &job, OUTPUT_UTF8);
    transcript_pair(&run, 1, START_WARM);
    transcript_start(&run, false);
}

static void say(const char *text)
{
    transcript_add_output(&run, WIRE_STDOUT, bytes_of_string(text));
}

static void add_file(const char *path, const char *content, uint64_t size_bytes)
{
    const struct artifact file = {.path = bytes_of_string(path),
                                  .content = bytes_of_string(content),
                                  .size_bytes = size_bytes};
    transcript_add_artifact(&run, WIRE_FILE, &file);
}

/* The run writes a text and ends with this outcome. */
static void end(const char *text, struct outcome outcome)
{
    if (*text)
        say(text);
    outcome.out.kept_bytes = run.out.kept.len;
    if (outcome.out.total_bytes == 0)
        outcome.out.total_bytes = run.out.kept.len;
    transcript_end(&run, &outcome);
}

static const struct outcome success = {.verdict = VERDICT_EXITED};

static struct report judged(const struct test_case *test)
{
    struct judge judge = judge_of(test, &run);
    int steps = 0;
    while (!judge_step(&judge, 1))
        assert_true(++steps < 10000);
    return judge_report(&judge);
}

/* ---- verdicts ---- */

static const struct {
    struct outcome outcome;
    const char *said, *expected; /* NULL: nothing is expected */
    enum report_verdict verdict;
    bool has_difference;
} runs[] = {
    {{.verdict = VERDICT_EXITED}, "x", NULL, REPORT_PASSED, false},
    {{.verdict = VERDICT_EXITED}, "x\n", "x", REPORT_PASSED, false},
    {{.verdict = VERDICT_EXITED}, "", "", REPORT_PASSED, false},
    {{.verdict = VERDICT_EXITED}, "", "x", REPORT_WRONG, true},
    {{.verdict = VERDICT_EXITED}, "x", "", REPORT_WRONG, true},
    /* Only a run that succeeded is compared. */
    {{.verdict = VERDICT_EXITED, .exit_code = 1}, "x", "x", REPORT_ERROR, false},
    {{.verdict = VERDICT_EXITED, .exit_code = 1}, "y", "x", REPORT_ERROR, false},
    {{.verdict = VERDICT_SIGNALED, .signal = 11}, "y", "x", REPORT_ERROR, false},
    {{.verdict = VERDICT_OOM}, "y", "x", REPORT_ERROR, false},
    {{.verdict = VERDICT_TIMEOUT}, "x", "x", REPORT_TIMEOUT, false},
    {{.verdict = VERDICT_CPU_TIME}, "x", "x", REPORT_TIMEOUT, false},
    {{.verdict = VERDICT_LOST}, "x", "x", REPORT_FAILED, false},
    /* More was written than was kept. */
    {{.verdict = VERDICT_EXITED, .out.total_bytes = 9}, "x", "x", REPORT_WRONG, false},
    {{.verdict = VERDICT_EXITED, .out.total_bytes = 9}, "x", "y", REPORT_WRONG, true},
    {{.verdict = VERDICT_EXITED, .out.total_bytes = 9}, "x", NULL, REPORT_PASSED, false},
};

static void a_verdict_is_that_of_the_run_and_its_output(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++) {
        struct test_case test = {.stdout_text = {0}};
        if (runs[i].expected)
            test.stdout_text = bytes_of_string(runs[i].expected);
        begin();
        end(runs[i].said, runs[i].outcome);
        struct report report = judged(&test);
        check(report.verdict == runs[i].verdict, "row %zu: %d", i, (int)report.verdict);
        check(report.has_difference == runs[i].has_difference, "row %zu", i);
        transcript_release(&run);
    }
}

static void what_the_gateway_did_not_keep_is_not_the_program_s_fault(void **state)
{
    (void)state;
    const struct test_case test = {.stdout_text = bytes_of_string("x")};
    begin();
    say("x");
    transcript_leave_out_output(&run, WIRE_STDOUT);
    end("", (struct outcome){.verdict = VERDICT_EXITED, .out.total_bytes = 2});
    assert_int_equal(judged(&test).verdict, REPORT_FAILED);
    transcript_release(&run);
}

/* ---- files ---- */

static struct expected_file expected[] = {
    {.path = {(const uint8_t *)"a", 1}, .content = {(const uint8_t *)"one\ntwo", 7}},
    {.path = {(const uint8_t *)"b/c", 3}, .content = {(const uint8_t *)"", 0}},
};

static const struct test_case with_files = {
    .stdout_text = {(const uint8_t *)"x", 1}, .files = expected, .files_count = COUNT(expected)};

static const struct {
    const char *said, *a, *c; /* NULL: there is no such file */
    uint64_t a_bytes;         /* 0: as many as there are */
    const char *path;         /* that differs; NULL: stdout */
    enum report_verdict verdict;
    uint64_t line; /* 0: no difference */
} folders[] = {
    {"x", "one\ntwo\n", "", 0, NULL, REPORT_PASSED, 0},
    {"x", "one\ntwo\n", "\n \n", 0, NULL, REPORT_PASSED, 0},
    {"y", "one", NULL, 0, NULL, REPORT_WRONG, 1}, /* stdout comes first */
    {"x", "one", NULL, 0, "a", REPORT_WRONG, 2},  /* then the files in their order */
    {"x", "one\n2", "", 0, "a", REPORT_WRONG, 2},
    {"x", "one\ntwo", "z", 0, "b/c", REPORT_WRONG, 1},
    {"x", "one\ntwo", NULL, 0, "b/c", REPORT_WRONG, 1},
    {"x", NULL, "", 0, "a", REPORT_WRONG, 1},
    {"x", "one\ntwo", "", 99, "a", REPORT_WRONG, 0}, /* what follows was cut off */
};

static void files_are_compared_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(folders); i++) {
        begin();
        if (folders[i].c) /* out of order, and after another one */
            add_file("b/c", folders[i].c, strlen(folders[i].c));
        add_file("b", "other", 5);
        if (folders[i].a)
            add_file("a", folders[i].a,
                     folders[i].a_bytes ? folders[i].a_bytes : strlen(folders[i].a));
        end(folders[i].said, success);
        struct report report = judged(&with_files);
        check(report.verdict == folders[i].verdict, "row %zu: %d", i, (int)report.verdict);
        check(report.has_difference == (folders[i].line > 0), "row %zu", i);
        check(!report.has_difference || report.difference.line == folders[i].line, "row %zu", i);
        if (report.verdict != REPORT_PASSED)
            check(folders[i].path ? bytes_equal_string(report.path, folders[i].path)
                                  : !report.path.data,
                  "row %zu", i);
        transcript_release(&run);
    }
}

static void a_file_that_was_left_out_is_not_missing(void **state)
{
    (void)state;
    begin();
    add_file("a", "one\ntwo", 7);
    transcript_leave_out_artifact(&run, WIRE_FILE);
    end("x", success);
    assert_int_equal(judged(&with_files).verdict, REPORT_FAILED);
    transcript_release(&run);
}

/* ---- the summary ---- */

static void add(struct summary *summary, uint32_t index, enum report_verdict verdict,
                uint64_t wall_ns, uint64_t memory_bytes)
{
    const struct report report = {.index = index, .verdict = verdict};
    summary_add(summary, &report, wall_ns, memory_bytes);
}

static const char *written(const struct summary *summary)
{
    static struct buf text;
    buf_release(&text);
    buf_init(&text, 1000);
    struct json_out json;
    json_begin(&json, &text);
    json_open(&json, '{');
    summary_put(summary, &json);
    json_close(&json, '}');
    assert_true(buf_append(&text, "", 1));
    return (const char *)text.data;
}

static void a_summary_names_the_first_by_index_not_by_time(void **state)
{
    (void)state;
    struct summary summary = {.tests_count = 5};
    add(&summary, 3, REPORT_TIMEOUT, 40, 0);
    add(&summary, 0, REPORT_PASSED, 2000000000, 7);
    add(&summary, 1, REPORT_WRONG, 50, 3);
    add(&summary, 2, REPORT_ERROR, 60, 9);
    assert_string_equal(written(&summary),
                        "{\"verdict\":\"wrong\",\"passed\":1,\"failed\":3,\"not_run\":1,"
                        "\"slowest_time\":2,\"highest_memory\":9}");
}

static void a_summary_of_nothing_has_not_run(void **state)
{
    (void)state;
    struct summary summary = {.tests_count = 2};
    assert_string_equal(written(&summary),
                        "{\"verdict\":\"not_run\",\"passed\":0,\"failed\":0,\"not_run\":2,"
                        "\"slowest_time\":0,\"highest_memory\":null}");
    add(&summary, 1, REPORT_PASSED, 1, 0);
    assert_non_null(strstr(written(&summary), "\"verdict\":\"not_run\""));
    add(&summary, 0, REPORT_PASSED, 1, 0);
    assert_non_null(strstr(written(&summary), "\"verdict\":\"passed\""));
}

/* ---- what is shown ---- */

static const struct {
    enum excerpt_kind kind;
    enum report_verdict verdict;
    size_t kept_bytes;
    bool has_file;
} shown[] = {
    {EXCERPT_BRIEF, REPORT_PASSED, EXCERPT_BRIEF_BYTES, false},
    {EXCERPT_BRIEF, REPORT_WRONG, EXCERPT_BRIEF_BYTES, false},
    {EXCERPT_NONE, REPORT_WRONG, 0, false},
    {EXCERPT_FAILED, REPORT_PASSED, 0, false},
    {EXCERPT_FAILED, REPORT_WRONG, 5000, true},
    {EXCERPT_FAILED, REPORT_TIMEOUT, 5000, true},
    {EXCERPT_ALL, REPORT_PASSED, 5000, true},
};

static void run_of_5000_bytes(void)
{
    static char text[5001];
    memset(text, 'x', 5000);
    begin();
    add_file("a", "file", 4);
    end(text, success);
}

static void an_excerpt_keeps_what_was_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shown); i++) {
        struct excerpt excerpt = {.kind = shown[i].kind};
        run_of_5000_bytes();
        excerpt_cut(&excerpt, &run, shown[i].verdict);
        check(run.out.kept.len == shown[i].kept_bytes, "row %zu: %zu", i, run.out.kept.len);
        check((run.exhibits != NULL) == shown[i].has_file, "row %zu", i);
        transcript_release(&run);
    }
}

static void what_is_shown_whole_has_a_cap_together(void **state)
{
    (void)state;
    struct excerpt excerpt = {.kind = EXCERPT_ALL, .shown_bytes = EXCERPT_TOTAL_BYTES - 6000};
    for (size_t i = 0; i < 2; i++) {
        run_of_5000_bytes();
        excerpt_cut(&excerpt, &run, REPORT_PASSED);
        assert_int_equal(run.out.kept.len, i == 0 ? 5000 : EXCERPT_BRIEF_BYTES);
        transcript_release(&run);
    }
}

/* ---- why no further test begins ---- */

static void the_first_cause_counts(void **state)
{
    (void)state;
    struct summary all = {.tests_count = 2, .counts = {[REPORT_PASSED] = 2}};
    struct summary some = {.tests_count = 2, .counts = {[REPORT_PASSED] = 1}};
    struct halt halt = {.cause = HALT_NONE};
    assert_false(halt_is_set(&halt));
    assert_null(halt_reason(&halt));
    assert_int_equal(halt_outcome(&halt, &all, 2 * NS_PER_MS).exit_code, 0);
    assert_int_equal(halt_outcome(&halt, &all, 2 * NS_PER_MS).wall_ns, 7 * NS_PER_MS);
    all.slowest_ns = 8 * NS_PER_MS; /* whose start was heard of late */
    assert_int_equal(halt_outcome(&halt, &all, 2 * NS_PER_MS).wall_ns, 8 * NS_PER_MS);
    assert_int_equal(halt_outcome(&halt, &some, 0).exit_code, 1);
    halt_note(&halt, HALT_TOTAL_TIMEOUT, "late");
    halt_note(&halt, HALT_NOT_STARTED, "no box");
    assert_string_equal(halt_reason(&halt), "total_timeout");
    assert_int_equal(halt_outcome(&halt, &some, 0).verdict, VERDICT_TIMEOUT);
    halt = (struct halt){.cause = HALT_NONE};
    halt_note(&halt, HALT_NOT_STARTED, "no box");
    assert_string_equal(halt_reason(&halt), "not_started");
    assert_int_equal(halt_outcome(&halt, &some, 0).verdict, VERDICT_LOST);
    assert_non_null(strstr(halt_outcome(&halt, &some, 0).text, "no box"));
    halt = (struct halt){.cause = HALT_NONE};
    halt_note(&halt, HALT_STOP_ON, "");
    assert_string_equal(halt_reason(&halt), "stop_on");
    assert_int_equal(halt_outcome(&halt, &some, 0).verdict, VERDICT_EXITED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_is_that_of_the_run_and_its_output),
        cmocka_unit_test(what_the_gateway_did_not_keep_is_not_the_program_s_fault),
        cmocka_unit_test(files_are_compared_in_their_order),
        cmocka_unit_test(a_file_that_was_left_out_is_not_missing),
        cmocka_unit_test(a_summary_names_the_first_by_index_not_by_time),
        cmocka_unit_test(a_summary_of_nothing_has_not_run),
        cmocka_unit_test(an_excerpt_keeps_what_was_asked_for),
        cmocka_unit_test(what_is_shown_whole_has_a_cap_together),
        cmocka_unit_test(the_first_cause_counts),
    };
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
