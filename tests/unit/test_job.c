#include "unit.h"

#include <stdio.h>

#include "common/job.h"

static bool put_file(struct buf *out, struct bytes path, struct bytes content)
{
    return wire_put(out, WIRE_TAG_FILE_PATH, path.data, path.len) &&
           wire_put(out, WIRE_TAG_FILE_CONTENT, content.data, content.len);
}

static struct job sample(void)
{
    return (struct job){
        .runtime = "python3.13",
        .owner = "someone",
        .timeout_ms = 5000,
        .queue_timeout_ms = 30000,
        .box_runs = 7,
        .box_scope = 0xfedcba9876543210,
        .is_cell = true,
        .session_ms = 600000,
        .limits = {.memory_bytes = (uint64_t)5 << 30, .cpu_millis = 1500, .pids = 64},
        .output_bytes = 1 << 20,
        .files_bytes = 3,
        .file_bytes = 2,
        .displays_bytes = 1,
        .source = bytes_of("print(1)\0#", 10),
        .stdin_data = bytes_of("in\0put", 6),
    };
}

static struct buf encoded(void)
{
    struct buf out;
    struct job job = sample();
    buf_init(&out, 10000);
    assert_true(job_encode(&out, &job));
    return out;
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct buf out = encoded();
    struct job job, asked = sample();
    struct error err;
    assert_true(job_decode(buf_bytes(&out), &job, &err));
    assert_string_equal(job.runtime, "python3.13");
    assert_string_equal(job.owner, "someone");
    assert_int_equal(job.timeout_ms, 5000);
    assert_int_equal(job.queue_timeout_ms, 30000);
    assert_int_equal(job.box_runs, 7);
    assert_int_equal(job.box_scope, 0xfedcba9876543210);
    assert_true(job.is_cell);
    assert_int_equal(job.session_ms, 600000);
    assert_true(limits_equal(&job.limits, &asked.limits));
    assert_int_equal(job.output_bytes, 1 << 20);
    assert_int_equal(job.files_bytes, 3);
    assert_int_equal(job.file_bytes, 2);
    assert_int_equal(job.displays_bytes, 1);
    assert_int_equal(job.source.len, 10);
    assert_memory_equal(job.source.data, "print(1)\0#", 10);
    assert_int_equal(job.stdin_data.len, 6);
    assert_memory_equal(job.stdin_data.data, "in\0put", 6);
    assert_ptr_equal(job.fields.data, out.data);
    buf_release(&out);
}

static void lists_keep_their_order(void **state)
{
    (void)state;
    struct buf out = encoded();
    assert_true(job_put_arg(&out, bytes_of_string("one")));
    assert_true(job_put_env(&out, bytes_of_string("A"), bytes_of_string("x=y")));
    assert_true(put_file(&out, bytes_of_string("a/b"), bytes_of("\0\1", 2)));
    assert_true(job_put_arg(&out, bytes_of_string("")));
    assert_true(job_put_env(&out, bytes_of_string("B"), bytes_of_string("")));
    assert_true(job_put_output_glob(&out, bytes_of_string("*.png")));
    struct job job;
    assert_true(job_decode(buf_bytes(&out), &job, NULL));

    struct bytes cursor = job.fields, value;
    assert_true(job_next(&cursor, WIRE_TAG_ARG, &value));
    assert_true(bytes_equal_string(value, "one"));
    assert_true(job_next(&cursor, WIRE_TAG_ARG, &value));
    assert_true(bytes_equal_string(value, ""));
    assert_false(job_next(&cursor, WIRE_TAG_ARG, &value));
    cursor = job.fields;
    assert_true(job_next(&cursor, WIRE_TAG_ENV, &value));
    assert_true(bytes_equal_string(value, "A=x=y"));
    assert_true(job_next(&cursor, WIRE_TAG_ENV, &value));
    assert_true(bytes_equal_string(value, "B="));
    cursor = job.fields;
    uint16_t tag;
    assert_true(job_next(&cursor, WIRE_TAG_FILE_PATH, &value));
    assert_true(bytes_equal_string(value, "a/b"));
    assert_true(wire_next(&cursor, &tag, &value));
    assert_int_equal(tag, WIRE_TAG_FILE_CONTENT);
    assert_int_equal(value.len, 2);
    assert_true(job_next(&cursor, WIRE_TAG_OUTPUT_GLOB, &value));
    assert_true(bytes_equal_string(value, "*.png"));
    buf_release(&out);
}

/* Check that `payload` is refused and the job is unchanged. */
static void assert_refused(struct bytes payload, const char *why)
{
    struct job job = {.timeout_ms = 4711};
    struct error err = {0};
    check(!job_decode(payload, &job, &err), "%s", why);
    check(err.kind == ERR_PROTOCOL && err.text[0], "%s", why);
    check(job.timeout_ms == 4711, "%s", why);
}

static void a_cut_payload_is_refused(void **state)
{
    (void)state;
    struct buf out = encoded();
    for (size_t len = 0; len < out.len; len++) {
        /* Without its last field, stdin, a job is whole. */
        if (len == out.len - WIRE_FIELD_HEADER_BYTES - 6)
            continue;
        assert_refused(bytes_of(out.data, len), "cut");
    }
    buf_release(&out);
}

/* Copy the sample without its fields with this tag. Put `value` in their place unless it is
 * NULL. */
static struct buf with(enum wire_tag tag, const void *value, size_t len)
{
    struct buf whole = encoded(), out;
    buf_init(&out, 10000);
    struct bytes rest = buf_bytes(&whole), field;
    uint16_t seen;
    while (wire_next(&rest, &seen, &field))
        if (seen != tag)
            assert_true(wire_put(&out, (enum wire_tag)seen, field.data, field.len));
    if (value)
        assert_true(wire_put(&out, tag, value, len));
    buf_release(&whole);
    return out;
}

static void a_missing_scalar_is_refused(void **state)
{
    (void)state;
    static const enum wire_tag tags[] = {
        WIRE_TAG_RUNTIME,    WIRE_TAG_TIMEOUT_MS, WIRE_TAG_QUEUE_TIMEOUT_MS, WIRE_TAG_MEMORY_BYTES,
        WIRE_TAG_CPU_MILLIS, WIRE_TAG_PIDS,       WIRE_TAG_OUTPUT_BYTES,     WIRE_TAG_SOURCE,
    };
    for (size_t i = 0; i < COUNT(tags); i++) {
        struct buf out = with(tags[i], NULL, 0);
        char why[30];
        snprintf(why, sizeof(why), "without tag %d", (int)tags[i]);
        assert_refused(buf_bytes(&out), why);
        buf_release(&out);
    }
}

static void a_value_out_of_range_is_refused(void **state)
{
    (void)state;
#define ZERO "\0\0\0\0\0\0\0"
    static const struct {
        enum wire_tag tag;
        size_t len;
        const char *value;
        const char *why;
    } rows[] = {
        {WIRE_TAG_TIMEOUT_MS, 8, ZERO, "no time"},
        {WIRE_TAG_TIMEOUT_MS, 4, "\0\0\0\5", "a number of 4 bytes"},
        {WIRE_TAG_TIMEOUT_MS, 8, "\0\0\0\1\0\0\0\0", "more than 32 bits"},
        {WIRE_TAG_QUEUE_TIMEOUT_MS, 8, ZERO, "no time to wait"},
        {WIRE_TAG_MEMORY_BYTES, 8, ZERO, "no memory"},
        {WIRE_TAG_CPU_MILLIS, 8, ZERO, "no CPU"},
        {WIRE_TAG_PIDS, 8, ZERO, "no processes"},
        {WIRE_TAG_BOX_RUNS, 8, ZERO, "a box for no run"},
        {WIRE_TAG_BOX_RUNS, 8, "\0\0\0\0\0\0\3\xe9", "a box for 1001 runs"},
        {WIRE_TAG_OUTPUT_BYTES, 8, ZERO, "no output"},
        {WIRE_TAG_PIDS, 0, "", "an empty number"},
        {WIRE_TAG_SOURCE, 0, "", "no source"},
        {WIRE_TAG_RUNTIME, 0, "", "no runtime"},
        {WIRE_TAG_RUNTIME, 6, "Python", "capital letters"},
        {WIRE_TAG_RUNTIME, 6, "../etc", "a path"},
        {WIRE_TAG_RUNTIME, 3, "a\0b", "a NUL in the runtime"},
        {WIRE_TAG_RUNTIME, 32, "abcdefghijklmnopqrstuvwxyzabcdef", "a name of 32 bytes"},
        {WIRE_TAG_OWNER, 64, "abcdefghijklmnopqrstuvwxyzabcdefabcdefghijklmnopqrstuvwxyzabcdef",
         "64 bytes of owner"},
        {WIRE_TAG_OWNER, 3, "a\0b", "a NUL in the owner"},
        {WIRE_TAG_ARG, 3, "a\0b", "a NUL in an argument"},
        {WIRE_TAG_ENV, 5, "A=a\0b", "a NUL in the environment"},
        {WIRE_TAG_ENV, 3, "ABC", "a variable without ="},
        {WIRE_TAG_ENV, 2, "=A", "a variable without a name"},
        {WIRE_TAG_ENV, 0, "", "an empty variable"},
        {WIRE_TAG_FILE_PATH, 1, "a", "a path without content"},
        {WIRE_TAG_FILE_CONTENT, 1, "a", "content without a path"},
        {WIRE_TAG_OUTPUT_GLOB, 3, "a\0b", "a NUL in a glob"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out = with(rows[i].tag, rows[i].value, rows[i].len);
        assert_refused(buf_bytes(&out), rows[i].why);
        buf_release(&out);
    }
}

static void a_path_needs_its_content_next(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *path;
    } rows[] = {{0, ""}, {3, "a\0b"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out = encoded();
        assert_true(put_file(&out, bytes_of(rows[i].path, rows[i].len), bytes_of("x", 1)));
        assert_refused(buf_bytes(&out), "a bad path");
        buf_release(&out);
    }
    struct buf out = encoded();
    assert_true(wire_put(&out, WIRE_TAG_FILE_PATH, "a", 1));
    assert_true(job_put_arg(&out, bytes_of_string("between")));
    assert_true(wire_put(&out, WIRE_TAG_FILE_CONTENT, "x", 1));
    assert_refused(buf_bytes(&out), "a path and its content apart");
    buf_release(&out);
}

static void a_field_of_later_versions_is_passed_over(void **state)
{
    (void)state;
    struct buf out = encoded();
    struct job job;
    assert_true(wire_put(&out, (enum wire_tag)999, "anything", 8));
    assert_true(job_decode(buf_bytes(&out), &job, NULL));
    buf_release(&out);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    struct buf whole = encoded();
    struct job job = sample();
    for (size_t cap = 0; cap < whole.len; cap++) {
        struct buf out;
        buf_init(&out, cap);
        assert_false(job_encode(&out, &job));
        assert_int_equal(out.len, 0);
        buf_release(&out);
    }
    for (size_t cap = 0; cap < 2 * WIRE_FIELD_HEADER_BYTES + 4; cap++) {
        struct buf out;
        buf_init(&out, cap);
        assert_int_equal(job_put_env(&out, bytes_of("ab", 2), bytes_of("cd", 2)),
                         cap >= WIRE_FIELD_HEADER_BYTES + 5);
        assert_int_equal(out.len, cap >= WIRE_FIELD_HEADER_BYTES + 5 ? 11 : 0);
        buf_release(&out);
    }
    buf_release(&whole);
}

static void limits_differ_in_any_member(void **state)
{
    (void)state;
    struct limits a = {.memory_bytes = 1, .cpu_millis = 2, .pids = 3}, b = a;
    assert_true(limits_equal(&a, &b));
    b.memory_bytes = 9;
    assert_false(limits_equal(&a, &b));
    b = a;
    b.cpu_millis = 9;
    assert_false(limits_equal(&a, &b));
    b = a;
    b.pids = 9;
    assert_false(limits_equal(&a, &b));
}

static struct job opening(void)
{
    struct job job = sample();
    job.is_cell = false;
    job.session_idle_ms = 1000;
    job.session_record = bytes_of_string("of the front");
    snprintf(job.session_name, sizeof job.session_name, "Note-1_a.b");
    snprintf(job.execution, sizeof job.execution, "0123456789abcdef");
    return job;
}

static bool decodes(const struct job *asked, struct job *job)
{
    struct buf out;
    buf_init(&out, 200000);
    assert_true(job_encode(&out, asked));
    bool ok = job_decode(buf_bytes(&out), job, NULL);
    job->session_record.data = NULL;
    buf_release(&out);
    return ok;
}

static void the_opening_of_a_session_comes_back(void **state)
{
    (void)state;
    struct job job, asked = opening();
    asked.takes_turn = true;
    assert_true(decodes(&asked, &job));
    assert_string_equal(job.session_name, "Note-1_a.b");
    assert_string_equal(job.execution, "0123456789abcdef");
    assert_int_equal(job.session_idle_ms, 1000);
    assert_int_equal(job.session_record.len, 12);
    assert_true(job.takes_turn);
}

static void an_opening_gives_all_of_the_session(void **state)
{
    (void)state;
    struct job job = {0}, asked = opening();
    assert_true(decodes(&asked, &job));
    asked.is_cell = true;
    assert_false(decodes(&asked, &job));
    asked = opening();
    asked.box_scope = 0;
    assert_false(decodes(&asked, &job));
    asked = opening();
    asked.session_idle_ms = 0;
    assert_false(decodes(&asked, &job));
}

static void a_sessions_name_and_record_have_limits(void **state)
{
    (void)state;
    static const char record[JOB_SESSION_RECORD_MAX_BYTES + 1];
    struct job job = {0}, asked = opening();
    asked.session_record = bytes_of(record, JOB_SESSION_RECORD_MAX_BYTES);
    assert_true(decodes(&asked, &job));
    asked.session_record.len++;
    assert_false(decodes(&asked, &job));
    asked = opening();
    asked.session_name[2] = '/';
    assert_false(decodes(&asked, &job));
    asked = opening();
    asked.execution[2] = '\n';
    assert_false(decodes(&asked, &job));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_opening_of_a_session_comes_back),
        cmocka_unit_test(an_opening_gives_all_of_the_session),
        cmocka_unit_test(a_sessions_name_and_record_have_limits),
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(a_cut_payload_is_refused),
        cmocka_unit_test(a_missing_scalar_is_refused),
        cmocka_unit_test(a_value_out_of_range_is_refused),
        cmocka_unit_test(a_path_needs_its_content_next),
        cmocka_unit_test(a_field_of_later_versions_is_passed_over),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
        cmocka_unit_test(limits_differ_in_any_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
