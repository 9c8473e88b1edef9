#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/config.h"

static const struct config config = {
    .runtimes_count = 2,
    .runtimes = {{.name = "python"}, {.name = "python-data"}},
    .displays_bytes = 8 << 20,
    .queue_timeout_ms = 30000,
    .box_runs = 20,
    .default_timeout_ms = 5000,
    .max_timeout_ms = 30000,
    .default_limits = {.memory_bytes = 256 << 20, .cpu_millis = 1000, .pids = 64},
    .max_limits = {.memory_bytes = (uint64_t)2 << 30, .cpu_millis = 4000, .pids = 256},
    .default_output_bytes = 1 << 20,
    .max_output_bytes = 16 << 20,
    .max_files_bytes = 1 << 20,
    .output_files_bytes = 1 << 20,
    .output_file_bytes = 1 << 20,
};

#include "asking.h"

static void what_is_left_out_is_the_default(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":\"print(1)\"}"), REQUEST_OK);
    assert_true(bytes_equal_string(request.job.source, "print(1)"));
    assert_string_equal(request.job.runtime, "python");
    assert_string_equal(request.job.owner, "");
    assert_int_equal(request.job.timeout_ms, 5000);
    assert_int_equal(request.job.queue_timeout_ms, 30000);
    assert_true(limits_equal(&request.job.limits, &config.default_limits));
    assert_int_equal(request.job.output_bytes, 1 << 20);
    assert_int_equal(request.job.displays_bytes, 8 << 20);
    assert_int_equal(request.job.stdin_data.len, 0);
    assert_int_equal(request.output_encoding, OUTPUT_UTF8);
    assert_int_equal(request.job.cpu_time_ms, 0);
    assert_false(request.job.output_merged);
    assert_int_equal(request.buffering, BUFFERING_AUTO);
    assert_int_equal(request.job.box_runs, 20);
    assert_false(request.job.is_cell);
    request_release(&request);
}

static void every_field_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        parse(
            "{\"code\":\"x\",\"runtime\":\"data\",\"timeout\":1.5,\"queue_timeout\":0.25,\"stdin\":"
            "\"a\\u0000b\",\"limits\":"
            "{\"memory_bytes\":67108864,\"cpus\":0.5,\"pids\":32,"
            "\"output_bytes\":1,\"cpu_time\":0.1},\"output_encoding\":\"base64\","
            "\"output\":\"merged\",\"buffering\":\"block\",\"isolation\":\"container\",\"mode\":"
            "\"cell\"}"),
        REQUEST_OK);
    const struct limits asked = {.memory_bytes = 64 << 20, .cpu_millis = 500, .pids = 32};
    assert_string_equal(request.job.runtime, "python-data");
    assert_int_equal(request.job.timeout_ms, 1500);
    assert_int_equal(request.job.queue_timeout_ms, 250);
    assert_int_equal(request.job.stdin_data.len, 3);
    assert_true(limits_equal(&request.job.limits, &asked));
    assert_int_equal(request.job.output_bytes, 1);
    assert_int_equal(request.output_encoding, OUTPUT_BASE64);
    assert_int_equal(request.job.cpu_time_ms, 100);
    assert_true(request.job.output_merged);
    assert_int_equal(request.buffering, BUFFERING_BLOCK);
    assert_int_equal(request.job.box_runs, 1);
    assert_true(request.job.is_cell);
    request_release(&request);
}

static void arguments_and_environment_reach_the_job(void **state)
{
    (void)state;
    struct buf out;
    struct job job;
    struct bytes value, cursor;
    buf_init(&out, 4096);
    assert_int_equal(
        parse("{\"code\":\"x\",\"args\":[\"a\",\"\"],\"env\":{\"A\":\"b=c\",\"D\":\"\"}}"),
        REQUEST_OK);
    assert_true(write_request(&out));
    request_release(&request);
    assert_true(job_decode(buf_bytes(&out), &job, &err));
    cursor = job.fields;
    assert_true(job_next(&cursor, WIRE_TAG_ARG, &value) && bytes_equal_string(value, "a"));
    assert_true(job_next(&cursor, WIRE_TAG_ARG, &value) && value.len == 0);
    assert_false(job_next(&cursor, WIRE_TAG_ARG, &value));
    cursor = job.fields;
    assert_true(job_next(&cursor, WIRE_TAG_ENV, &value) && bytes_equal_string(value, "A=b=c"));
    assert_true(job_next(&cursor, WIRE_TAG_ENV, &value) && bytes_equal_string(value, "D="));
    assert_false(job_next(&cursor, WIRE_TAG_ENV, &value));
    buf_release(&out);
}

static void a_job_that_does_not_fit_is_not_written(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"code\":\"x\",\"args\":[\"aaaa\"],\"env\":{\"A\":\"b\"}}"),
                     REQUEST_OK);
    for (size_t cap = 0; cap < 200; cap++) {
        struct buf out;
        buf_init(&out, cap);
        if (write_request(&out))
            check(cap >= 100, "cap %zu", cap);
        buf_release(&out);
    }
    request_release(&request);
}

static const struct {
    const char *members, *field, *message;
} mistakes[] = {
    {"\"code\":\"\"", "code", "must be between 1 and 1048576 bytes long"},
    {"\"code\":3", "code", "must be a string"},
    {"\"code\":null", "code", "must be a string"},
    {"\"code\":\"x\",\"queue_timeout\":0", "queue_timeout", "must be between 0.001 and 30"},
    {"\"code\":\"x\",\"timeout\":31", "timeout", "must be between 0.1 and 30"},
    {"\"code\":\"x\",\"timeout\":30.001", "timeout", "must be between 0.1 and 30"},
    {"\"code\":\"x\",\"timeout\":0.0999", "timeout", "must be between 0.1 and 30"},
    {"\"code\":\"x\",\"timeout\":-5", "timeout", "must be between 0.1 and 30"},
    {"\"code\":\"x\",\"timeout\":1e300", "timeout", "must be between 0.1 and 30"},
    {"\"code\":\"x\",\"timeout\":\"5\"", "timeout", "must be a number"},
    {"\"code\":\"x\",\"timeout\":true", "timeout", "must be a number"},
    {"\"code\":\"x\",\"stdin\":[]", "stdin", "must be a string"},
    {"\"code\":\"x\",\"args\":{}", "args", "must be an array"},
    {"\"code\":\"x\",\"args\":[\"a\",\"b\",\"c\",4]", "args[3]", "must be a string"},
    {"\"code\":\"x\",\"args\":[\"a\\u0000\"]", "args[0]", "must not contain a NUL character"},
    {"\"code\":\"x\",\"env\":[]", "env", "must be an object"},
    {"\"code\":\"x\",\"env\":{\"NAME\":1}", "env.NAME", "must be a string"},
    {"\"code\":\"x\",\"env\":{\"A\":\"\\u0000\"}", "env.A", "must not contain a NUL character"},
    {"\"code\":\"x\",\"env\":{\"\":\"a\"}", "env.",
     "is not a valid name for an environment variable"},
    {"\"code\":\"x\",\"env\":{\"A=B\":\"a\"}", "env.A=B",
     "is not a valid name for an environment variable"},
    {"\"code\":\"x\",\"limits\":3", "limits", "must be an object"},
    {"\"code\":\"x\",\"limits\":{\"disk\":1}", "limits.disk", "is not a field of this request"},
    {"\"code\":\"x\",\"limits\":{\"memory_bytes\":1}", "limits.memory_bytes",
     "must be between 33554432 and 2147483648"},
    {"\"code\":\"x\",\"limits\":{\"memory_bytes\":67108864.5}", "limits.memory_bytes",
     "must be an integer"},
    {"\"code\":\"x\",\"limits\":{\"memory_bytes\":1e300}", "limits.memory_bytes",
     "must be between 33554432 and 2147483648"},
    {"\"code\":\"x\",\"limits\":{\"cpus\":0.049}", "limits.cpus", "must be between 0.05 and 4"},
    {"\"code\":\"x\",\"limits\":{\"cpus\":4.001}", "limits.cpus", "must be between 0.05 and 4"},
    {"\"code\":\"x\",\"limits\":{\"cpu_time\":0.099}", "limits.cpu_time",
     "must be between 0.1 and 120"},
    {"\"code\":\"x\",\"limits\":{\"cpu_time\":120.001}", "limits.cpu_time",
     "must be between 0.1 and 120"},
    {"\"code\":\"x\",\"limits\":{\"cpu_time\":null}", "limits.cpu_time", "must be a number"},
    {"\"code\":\"x\",\"output\":\"both\"", "output", "must be \"separate\" or \"merged\""},
    {"\"code\":\"x\",\"output\":true", "output", "must be \"separate\" or \"merged\""},
    {"\"code\":\"x\",\"buffering\":\"none\"", "buffering",
     "must be \"auto\", \"line\" or \"block\""},
    {"\"code\":\"x\",\"isolation\":\"key\"", "isolation", "must be \"auto\" or \"container\""},
    {"\"code\":\"x\",\"mode\":\"Cell\"", "mode", "must be \"script\" or \"cell\""},
    {"\"code\":\"x\",\"isolation\":null", "isolation", "must be \"auto\" or \"container\""},
    {"\"code\":\"x\",\"limits\":{\"pids\":7}", "limits.pids", "must be between 8 and 256"},
    {"\"code\":\"x\",\"limits\":{\"output_bytes\":0}", "limits.output_bytes",
     "must be between 1 and 16777216"},
    {"\"code\":\"x\",\"runtime\":null", "runtime", "must be a string"},
    {"\"code\":\"x\",\"runtime\":\"ruby\"", "runtime",
     "must be one of \"python\", \"python-data\""},
    {"\"code\":\"x\",\"output_encoding\":\"UTF-8\"", "output_encoding",
     "must be \"utf-8\" or \"base64\""},
    {"\"code\":\"x\",\"Code\":1", "Code", "is not a field of this request"},
    {"\"code\":\"x\",\"limits.pids\":9", "limits.pids", "is not a field of this request"},
    {"", "code", "is required"},
};

static void each_mistake_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        char body[256];
        snprintf(body, sizeof body, "{%s}", mistakes[i].members);
        only_mistake_is(body, mistakes[i].field, mistakes[i].message);
    }
}

static void all_mistakes_are_named_at_once(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"timeout\":0,\"x\":1,\"limits\":{\"pids\":0,\"cpus\":\"\"}}"),
                     REQUEST_BAD_FIELDS);
    assert_int_equal(errors.count, 5);
}

static void a_flood_of_mistakes_is_counted(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_append_string(&body, "{\"code\":\"x\"");
    for (int i = 0; i < 1000; i++)
        buf_printf(&body, ",\"k%d\":1", i);
    buf_append_string(&body, "}");
    assert_int_equal(parse_body(buf_bytes(&body)), REQUEST_BAD_FIELDS);
    assert_int_equal(errors.count, FIELD_ERRORS_MAX);
    assert_int_equal(errors.dropped_count, 1000 - FIELD_ERRORS_MAX);
    buf_release(&body);
}

static void lists_have_their_caps(void **state)
{
    (void)state;
    for (int over = 0; over <= 1; over++) {
        struct buf body;
        buf_init(&body, 1 << 20);
        buf_append_string(&body, "{\"code\":\"x\",\"args\":[\"\"");
        for (int i = 1; i < REQUEST_ARGS_MAX + over; i++)
            buf_append_string(&body, ",\"\"");
        buf_append_string(&body, "],\"env\":{\"A\":\"\"");
        for (int i = 1; i < REQUEST_ENV_MAX + over; i++)
            buf_printf(&body, ",\"A%d\":\"\"", i);
        buf_append_string(&body, "}}");
        enum request_result got = parse_body(buf_bytes(&body));
        assert_int_equal(got, over ? REQUEST_BAD_FIELDS : REQUEST_OK);
        assert_int_equal(errors.count, over ? 2 : 0);
        if (got == REQUEST_OK)
            request_release(&request);
        buf_release(&body);
    }
}

/* Append a JSON string of this many letters. */
static void put_letters(struct buf *body, size_t len)
{
    buf_append_string(body, "\"");
    memset(buf_reserve(body, len), 'v', len);
    buf_commit(body, len);
    buf_append_string(body, "\"");
}

/* Arguments and variables share one limit, with a NUL for each and with the variables' names. */
static void strings_have_a_cap_together(void **state)
{
    (void)state;
    enum { ARGS = 8 };
    for (size_t over = 0; over <= 1; over++) {
        struct buf body;
        size_t each = REQUEST_STRINGS_MAX_BYTES / ARGS - 1;
        buf_init(&body, 4 << 20);
        buf_append_string(&body, "{\"code\":\"x\",\"args\":[");
        for (int i = 0; i < ARGS - 1; i++) {
            put_letters(&body, each);
            buf_append_string(&body, ",");
        }
        put_letters(&body, each - strlen("A=") - 1 + over);
        buf_append_string(&body, "],\"env\":{\"A\":\"\"}}");
        enum request_result got = parse_body(buf_bytes(&body));
        assert_int_equal(got, over ? REQUEST_BAD_FIELDS : REQUEST_OK);
        if (got == REQUEST_OK)
            request_release(&request);
        else
            assert_string_equal(errors.entries[0].field, "args");
        buf_release(&body);
    }
}

static void a_string_has_a_cap_of_its_own(void **state)
{
    (void)state;
    for (size_t over = 0; over <= 1; over++) {
        struct buf body;
        buf_init(&body, 4 << 20);
        buf_append_string(&body, "{\"code\":\"x\",\"args\":[\"\",");
        put_letters(&body, REQUEST_STRING_MAX_BYTES - 1 + over);
        buf_append_string(&body, "],\"env\":{\"NAME\":");
        put_letters(&body, REQUEST_STRING_MAX_BYTES - 1 - strlen("NAME=") + over);
        buf_append_string(&body, "}}");
        enum request_result got = parse_body(buf_bytes(&body));
        assert_int_equal(got, over ? REQUEST_BAD_FIELDS : REQUEST_OK);
        assert_int_equal(errors.count, over ? 2 : 0);
        if (got == REQUEST_OK)
            request_release(&request);
        buf_release(&body);
    }
    assert_string_equal(errors.entries[0].field, "args[1]");
    assert_string_equal(errors.entries[0].message, "must be at most 131071 bytes long");
    assert_string_equal(errors.entries[1].field, "env.NAME");
    assert_string_equal(errors.entries[1].message,
                        "must be at most 131071 bytes long, including its NAME=");
}

static void the_new_fields_reach_the_job(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        bool takes_events, is_merged, is_by_lines;
    } rows[] = {
        {"", false, false, false},
        {"", true, false, true},
        {",\"buffering\":\"auto\"", true, false, true},
        {",\"buffering\":\"line\"", false, false, true},
        {",\"buffering\":\"block\"", true, false, false},
        {",\"output\":\"merged\"", false, true, true},
        {",\"output\":\"separate\"", false, false, false},
        {",\"output\":\"merged\",\"buffering\":\"block\"", true, true, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char body[128];
        struct buf out;
        struct job job;
        snprintf(body, sizeof body, "{\"code\":\"x\",\"limits\":{\"cpu_time\":1.5}%s}",
                 rows[i].members);
        assert_int_equal(parse(body), REQUEST_OK);
        request_decide_buffering(&request, rows[i].takes_events);
        buf_init(&out, 4096);
        assert_true(write_request(&out));
        request_release(&request);
        assert_true(job_decode(buf_bytes(&out), &job, &err));
        assert_int_equal(job.cpu_time_ms, 1500);
        check(job.output_merged == rows[i].is_merged, "row %zu", i);
        check(job.line_buffered == rows[i].is_by_lines, "row %zu", i);
        buf_release(&out);
    }
}

static void a_body_that_is_no_json_is_told_apart(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "{", "{\"code\":\"x\"}x", "{\"code\":NaN}",
                                         "{\"code\":\"x\",\"code\":\"y\"}"};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        err = (struct error){ERR_NONE, ""};
        check(parse(bodies[i]) == REQUEST_NO_JSON, "%s", bodies[i]);
        check(err.kind == ERR_INVALID && err.text[0], "%s", bodies[i]);
    }
    assert_int_equal(parse("[]"), REQUEST_BAD_FIELDS);
    assert_int_equal(parse("null"), REQUEST_BAD_FIELDS);
    assert_string_equal(errors.entries[0].message, "must be an object");
}

/* ---- in parts ---- */

static const char every_member[] =
    "{\"code\":\"pass\\n\",\"stdin\":\"0123456789012345678901234567890123456789\",\"args\":[\"a\","
    "\"b\"],"
    "\"env\":{\"A\":\"1\",\"B\":\"2\"},\"outputs\":[\"*\",\"b/*\"],\"files\":["
    "{\"path\":\"a\",\"content\":\"QUJDREVGR0hJSktMTU5PUA==\",\"encoding\":\"base64\"},"
    "{\"path\":\"b/c\",\"content\":\"plain\"},"
    "{\"path\":\"d\",\"content\":\"QUJD\",\"encoding\":\"base64\"}]}";

static enum request_result read_in_parts(const char *body, size_t most_bytes)
{
    enum request_result result = REQUEST_MORE;
    struct request_reader *reader = request_reader_new(bytes_of_string(body), NULL, NULL);
    assert_non_null(reader);
    errors = (struct field_errors){.count = 0};
    for (size_t i = 0; result == REQUEST_MORE && i < 10 * strlen(body); i++)
        result = request_read(reader, &config, most_bytes, &request, &errors, &err);
    request_reader_free(reader);
    return result;
}

static void parts_make_the_same_job(void **state)
{
    (void)state;
    struct buf whole, out;
    buf_init(&whole, 4096);
    assert_int_equal(read_in_parts(every_member, SIZE_MAX), REQUEST_OK);
    assert_true(write_request(&whole));
    request_release(&request);
    for (size_t most = 1; most < 100; most++) {
        struct request_cursor cursor = {.list = 0};
        buf_init(&out, 4096);
        assert_int_equal(read_in_parts(every_member, most), REQUEST_OK);
        while (!cursor.is_at_end)
            assert_true(request_write(&out, &request, &cursor, most));
        assert_int_equal(out.len, whole.len);
        assert_memory_equal(out.data, whole.data, whole.len);
        request_release(&request);
        buf_release(&out);
    }
    buf_release(&whole);
}

/* Padding within a text, wherever a part ends. */
static void parts_find_the_same_mistakes(void **state)
{
    (void)state;
    static const char body[] =
        "{\"code\":\"x\",\"nonsense\":1,\"files\":["
        "{\"path\":\"a\",\"content\":\"QUI=QUJDQUJD\",\"encoding\":\"base64\"},"
        "{\"path\":\"b\",\"content\":\"QUJDQUJDQUI=\",\"encoding\":\"base64\"},"
        "{\"path\":\"c\",\"content\":\"QUJDQUJDQU\",\"encoding\":\"base64\"},"
        "{\"path\":\"d\",\"content\":\"QUJD*UJDQUJD\",\"encoding\":\"base64\"}]}";
    for (size_t most = 1; most < 300; most++) {
        check(read_in_parts(body, most) == REQUEST_BAD_FIELDS, "parts of %zu", most);
        check(errors.count == 4, "parts of %zu: %zu errors", most, errors.count);
        assert_string_equal(errors.entries[0].field, "nonsense");
        assert_string_equal(errors.entries[1].field, "files[0].content");
        assert_string_equal(errors.entries[2].field, "files[2].content");
        assert_string_equal(errors.entries[3].field, "files[3].content");
    }
}

/* A reader that is freed early leaves no memory behind. The sanitizers check this. */
static void a_reader_may_be_freed_at_any_time(void **state)
{
    (void)state;
    for (int steps = 0; steps < 60; steps++) {
        enum request_result result = REQUEST_MORE;
        struct request_reader *reader =
            request_reader_new(bytes_of_string(every_member), NULL, NULL);
        errors = (struct field_errors){.count = 0};
        for (int i = 0; i < steps && result == REQUEST_MORE; i++)
            result = request_read(reader, &config, 16, &request, &errors, &err);
        request_reader_free(reader);
        if (result == REQUEST_OK)
            request_release(&request);
    }
}

static void more_values_than_any_good_request_has_are_refused(void **state)
{
    (void)state;
    struct buf body;
    buf_init(&body, 1 << 20);
    assert_true(buf_append_string(&body, "{\"code\":\"x\",\"args\":["));
    for (int i = 0; i < REQUEST_VALUES_MAX; i++)
        assert_true(buf_append_string(&body, "1,"));
    assert_true(buf_append_string(&body, "1]}"));
    assert_int_equal(parse_body(buf_bytes(&body)), REQUEST_NO_JSON);
    assert_non_null(strstr(err.text, "too many values at byte"));
    assert_non_null(strstr(err.text, ", in \"args\""));
    buf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_the_default),
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(arguments_and_environment_reach_the_job),
        cmocka_unit_test(a_job_that_does_not_fit_is_not_written),
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(all_mistakes_are_named_at_once),
        cmocka_unit_test(a_flood_of_mistakes_is_counted),
        cmocka_unit_test(lists_have_their_caps),
        cmocka_unit_test(strings_have_a_cap_together),
        cmocka_unit_test(a_string_has_a_cap_of_its_own),
        cmocka_unit_test(the_new_fields_reach_the_job),
        cmocka_unit_test(a_body_that_is_no_json_is_told_apart),
        cmocka_unit_test(parts_make_the_same_job),
        cmocka_unit_test(parts_find_the_same_mistakes),
        cmocka_unit_test(a_reader_may_be_freed_at_any_time),
        cmocka_unit_test(more_values_than_any_good_request_has_are_refused),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
