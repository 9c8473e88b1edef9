/* A request's `tests`: the accepted ones, the mistakes that are named, and the RUN frame that the
 * plan makes of each test, from the common fields and the test's own.
 */
#include "unit.h"

#include <stdio.h>

#include "common/config.h"
#include "common/wire.h"

static const struct config config = {
    .runtimes_count = 1,
    .runtimes = {{.name = "python"}},
    .queue_timeout_ms = 30000,
    .box_runs = 1,
    .default_timeout_ms = 5000,
    .max_timeout_ms = 30000,
    .max_total_timeout_ms = 60000,
    .default_limits = {.memory_bytes = 256 << 20, .cpu_millis = 1000, .pids = 64},
    .max_limits = {.memory_bytes = (uint64_t)2 << 30, .cpu_millis = 4000, .pids = 256},
    .default_output_bytes = 1 << 20,
    .max_output_bytes = 16 << 20,
    .max_files_bytes = 1 << 10,
    .output_files_bytes = 1 << 20,
    .output_file_bytes = 1 << 19,
};

#include "asking.h"
#include "front/api/request_tests.h"

#define COMMON                                                                                     \
    "{\"code\":\"print(1)\",\"stdin\":\"all\",\"args\":[\"all\"],\"env\":{\"A\":\"1\"},"           \
    "\"files\":[{\"path\":\"all.txt\",\"content\":\"all\"}]"

static void tests_are_read(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":\"x\",\"tests\":[{},{\"name\":\"n\",\"stdin\":\"\","
                           "\"expected_stdout\":\"\",\"compare\":\"tokens\"},"
                           "{\"compare\":{\"numbers\":0.25},\"expected_files\":[{\"path\":\"a\","
                           "\"content\":\"YQ==\",\"encoding\":\"base64\"}]}],"
                           "\"stop_on\":\"failure\",\"total_timeout\":1.5,"
                           "\"tests_output\":\"failed\"}"),
                     REQUEST_OK);
    const struct request_tests *tests = &request.tests;
    assert_int_equal(tests->count, 3);
    assert_true(tests->stops_on_failure);
    assert_int_equal(tests->total_timeout_ms, 1500);
    assert_int_equal(tests->excerpt, EXCERPT_FAILED);
    const struct request_test *test = tests->list;
    assert_true(!test->has_stdin && !test->name.data && !test->stdout_text.data);
    assert_int_equal(test->comparer.kind, COMPARER_TRIM);
    test++;
    assert_true(test->has_stdin && bytes_equal_string(test->name, "n"));
    assert_true(test->stdout_text.data && test->stdout_text.len == 0);
    assert_int_equal(test->comparer.kind, COMPARER_TOKENS);
    test++;
    assert_int_equal(test->comparer.kind, COMPARER_NUMBERS);
    assert_true(test->comparer.tolerance > 0.249 && test->comparer.tolerance < 0.251);
    assert_int_equal(test->expected_files.count, 1);
    assert_true(bytes_equal_string(test->expected_files.list[0].content, "a"));
    request_release(&request);
}

static void without_their_fields_there_are_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":\"x\",\"tests\":[{}]}"), REQUEST_OK);
    assert_false(request.tests.stops_on_failure);
    assert_int_equal(request.tests.total_timeout_ms, 60000);
    assert_int_equal(request.tests.excerpt, EXCERPT_BRIEF);
    request_release(&request);
    assert_int_equal(parse("{\"code\":\"x\"}"), REQUEST_OK);
    assert_int_equal(request.tests.count, 0);
    request_release(&request);
}

static void a_thousand_and_no_more(void **state)
{
    (void)state;
    static char body[8000];
    for (int count = REPORTS_MAX; count <= REPORTS_MAX + 1; count++) {
        int len = snprintf(body, sizeof body, "{\"code\":\"x\",\"tests\":[{}");
        for (int i = 1; i < count; i++)
            len += snprintf(body + len, sizeof body - (size_t)len, ",{}");
        snprintf(body + len, sizeof body - (size_t)len, "]}");
        if (count == REPORTS_MAX) {
            assert_int_equal(parse(body), REQUEST_OK);
            assert_int_equal(request.tests.count, REPORTS_MAX);
            request_release(&request);
        } else {
            only_mistake_is(body, "tests", "must have 1 to 1000 elements");
        }
    }
}

#define COMPARE "must be \"trim\", \"exact\", \"tokens\" or {\"numbers\": N}, N from 0 to 1"

static const struct {
    const char *fields, *field, *message;
} mistakes[] = {
    {"\"tests\":[]", "tests", "must have 1 to 1000 elements"},
    {"\"tests\":null", "tests", "must be an array"},
    {"\"tests\":[null]", "tests[0]", "must be an object"},
    {"\"tests\":[{},{\"stdin\":null}]", "tests[1].stdin", "must be a string"},
    {"\"tests\":[{\"timeout\":1}]", "tests[0].timeout", "is not a field of this request"},
    {"\"tests\":[{\"args\":[\"a\\u0000\"]}]", "tests[0].args[0]",
     "must not contain a NUL character"},
    {"\"tests\":[{\"compare\":null}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":\"Trim\"}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":{\"numbers\":-0.1}}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":{\"numbers\":1.1}}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":{\"numbers\":\"0\"}}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":{\"numbers\":0,\"exact\":1}}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{\"compare\":[\"trim\"]}]", "tests[0].compare", COMPARE},
    {"\"tests\":[{}],\"total_timeout\":60.1", "total_timeout", "must be between 0.1 and 60"},
    {"\"tests\":[{}],\"stop_on\":\"wrong\"", "stop_on", "must be \"never\" or \"failure\""},
    {"\"total_timeout\":1", "total_timeout", "is allowed only with tests"},
    {"\"tests_output\":\"all\"", "tests_output", "is allowed only with tests"},
    {"\"tests\":[{\"expected_files\":[{\"path\":\"a\",\"content\":\"\"},"
     "{\"path\":\"a/b\",\"content\":\"\"}]}]",
     "tests[0].expected_files[1].path",
     "uses another file as a directory: tests[0].expected_files[0].path"},
    {"\"files\":[{\"path\":\"d\",\"content\":\"\"}],"
     "\"tests\":[{\"files\":[{\"path\":\"d/e\",\"content\":\"\"}]}]",
     "tests[0].files[0].path", "uses another file as a directory: files[0].path"},
};

static void a_mistake_names_its_test(void **state)
{
    (void)state;
    char body[400];
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        snprintf(body, sizeof body, "{\"code\":\"x\",%s}", mistakes[i].fields);
        only_mistake_is(body, mistakes[i].field, mistakes[i].message);
    }
}

static void mistakes_of_several_tests_are_named_together(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":1,\"tests\":[{\"stdin\":1},{},{\"compare\":1}]}"),
                     REQUEST_BAD_FIELDS);
    assert_int_equal(errors.count, 3);
    assert_string_equal(errors.entries[0].field, "code");
    assert_string_equal(errors.entries[1].field, "tests[0].stdin");
    assert_string_equal(errors.entries[2].field, "tests[2].compare");
}

/* ---- the plan ---- */

static struct test_plan plan;

/* Parse, and write the plan in parts of this size. */
static void make_plan(const char *body, size_t part_bytes)
{
    struct request_tests_cursor cursor = {.index = 0};
    int parts = 0;
    assert_int_equal(parse(body), REQUEST_OK);
    request_tests_complete(&request, &config, 77);
    plan = (struct test_plan){.cases = NULL};
    while (!cursor.is_at_end) {
        assert_true(request_tests_write(&plan, &request, &cursor, part_bytes));
        assert_true(++parts < 10000);
    }
}

static struct buf frame;

/* The job of a test, until the next call. */
static struct job job_of(size_t index)
{
    struct job job;
    struct frame parsed;
    size_t used;
    buf_release(&frame);
    assert_true(test_plan_write(&plan, index, 700, 800, &frame));
    assert_int_equal(wire_parse(frame.data, frame.len, WIRE_PAYLOAD_MAX_BYTES, &parsed, &used),
                     WIRE_FRAME);
    assert_true(job_decode(parsed.payload, &job, &err));
    return job;
}

/* The values of a tag, with a comma after each. */
static const char *values(const struct job *job, enum wire_tag tag)
{
    static char text[200];
    struct bytes cursor = job->fields, value;
    size_t len = 0;
    text[0] = '\0';
    while (job_next(&cursor, tag, &value))
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s,", (int)value.len,
                                (const char *)value.data);
    return text;
}

static void check_first(void)
{
    struct job job = job_of(0);
    assert_true(bytes_equal_string(job.source, "print(1)"));
    assert_true(bytes_equal_string(job.stdin_data, "all"));
    assert_string_equal(values(&job, WIRE_TAG_ARG), "all,");
    assert_string_equal(values(&job, WIRE_TAG_ENV), "A=1,");
    assert_string_equal(values(&job, WIRE_TAG_FILE_PATH), "all.txt,");
    assert_int_equal(job.timeout_ms, 700);
    assert_int_equal(job.queue_timeout_ms, 800);
    assert_int_equal(job.box_scope, 77);
    assert_int_equal(job.box_runs, JOB_BOX_RUNS_MAX);
}

static void a_test_is_the_common_job_and_what_it_adds(void **state)
{
    (void)state;
    static const size_t parts[] = {16, 17, 100, SIZE_MAX};
    for (size_t i = 0; i < COUNT(parts); i++) {
        make_plan(COMMON ",\"tests\":[{},"
                         "{\"stdin\":\"own\",\"args\":[\"x\",\"y\"],\"env\":{\"B\":\"2\"},"
                         "\"files\":[{\"path\":\"own.txt\",\"content\":\"b3du\","
                         "\"encoding\":\"base64\"}]},"
                         "{\"stdin\":\"\",\"args\":[]}]}",
                  parts[i]);
        check_first();
        struct job job = job_of(1);
        assert_true(bytes_equal_string(job.stdin_data, "own"));
        assert_string_equal(values(&job, WIRE_TAG_ARG), "x,y,");
        assert_string_equal(values(&job, WIRE_TAG_ENV), "A=1,B=2,");
        assert_string_equal(values(&job, WIRE_TAG_FILE_PATH), "all.txt,own.txt,");
        job = job_of(2);
        assert_int_equal(job.stdin_data.len, 0);
        assert_string_equal(values(&job, WIRE_TAG_ARG), "");
        check_first(); /* a second time, because writing does not change a plan */
        test_plan_release(&plan);
        request_release(&request);
    }
    buf_release(&frame);
}

static void expected_files_are_fetched_by_their_names_only(void **state)
{
    (void)state;
    make_plan(COMMON ",\"outputs\":[\"*.csv\"],\"tests\":[{},{\"expected_files\":"
                     "[{\"path\":\"a[1]*?.txt\",\"content\":\"x\"}]}]}",
              SIZE_MAX);
    struct job job = job_of(0);
    assert_string_equal(values(&job, WIRE_TAG_OUTPUT_GLOB), "*.csv,");
    job = job_of(1);
    assert_string_equal(values(&job, WIRE_TAG_OUTPUT_GLOB), "*.csv,a[[]1][*][?].txt,");
    assert_int_equal(job.file_bytes, 1 << 19);
    const struct test_case *test = &plan.cases[1];
    assert_int_equal(test->files_count, 1);
    assert_true(bytes_equal_string(test->files[0].path, "a[1]*?.txt"));
    assert_true(bytes_equal_string(test->files[0].content, "x"));
    test_plan_release(&plan);
    request_release(&request);
    buf_release(&frame);
}

static void a_plan_keeps_nothing_of_the_request(void **state)
{
    (void)state;
    make_plan(COMMON ",\"tests\":[{\"name\":\"n\",\"expected_stdout\":\"out\"}]}", SIZE_MAX);
    request_release(&request);
    check_first();
    assert_true(bytes_equal_string(plan.cases[0].name, "n"));
    assert_true(bytes_equal_string(plan.cases[0].stdout_text, "out"));
    size_t held_bytes = test_plan_bytes(&plan);
    size_t freed_bytes = test_plan_forget(&plan, 0);
    assert_true(freed_bytes > 0);
    assert_int_equal(test_plan_bytes(&plan), held_bytes - freed_bytes);
    test_plan_release(&plan);
    buf_release(&frame);
}

static void a_container_for_each_serves_one_run(void **state)
{
    (void)state;
    make_plan("{\"code\":\"x\",\"isolation\":\"container\",\"tests\":[{}]}", SIZE_MAX);
    assert_int_equal(job_of(0).box_runs, 1);
    test_plan_release(&plan);
    request_release(&request);
    buf_release(&frame);
}

static void output_of_tests_is_buffered_as_nobody_watches_it(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":\"x\",\"tests\":[{}]}"), REQUEST_OK);
    request_decide_buffering(&request, true);
    assert_false(request.job.line_buffered);
    request_release(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_are_read),
        cmocka_unit_test(without_their_fields_there_are_defaults),
        cmocka_unit_test(a_thousand_and_no_more),
        cmocka_unit_test(a_mistake_names_its_test),
        cmocka_unit_test(mistakes_of_several_tests_are_named_together),
        cmocka_unit_test(a_test_is_the_common_job_and_what_it_adds),
        cmocka_unit_test(expected_files_are_fetched_by_their_names_only),
        cmocka_unit_test(a_plan_keeps_nothing_of_the_request),
        cmocka_unit_test(a_container_for_each_serves_one_run),
        cmocka_unit_test(output_of_tests_is_buffered_as_nobody_watches_it),
    };
    return cmocka_run_group_tests_name("request's tests", tests, NULL, NULL);
}
