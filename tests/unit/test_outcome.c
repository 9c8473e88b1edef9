#include "unit.h"

#include <stdio.h>

#include "common/outcome.h"

static struct outcome exited(void)
{
    return (struct outcome){
        .verdict = VERDICT_EXITED,
        .exit_code = 3,
        .wall_ns = 4100000,
        .cpu_ns = UINT64_MAX,
        .peak_memory_bytes = 9437184,
        .oom_kills = 1,
        .out = {.total_bytes = 100, .kept_bytes = 40},
        .err = {.total_bytes = 7, .kept_bytes = 7},
        .left_out_count = 44,
        .generation = 2,
        .dropped_bytes = 9,
    };
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    static const struct {
        enum verdict verdict;
        int exit_code, signal;
        const char *text;
    } rows[] = {
        {VERDICT_EXITED, 0, 0, ""},    {VERDICT_EXITED, 255, 0, ""}, {VERDICT_SIGNALED, 0, 11, ""},
        {VERDICT_TIMEOUT, 0, 0, ""},   {VERDICT_OOM, 0, 9, ""},      {VERDICT_LOST, 0, 0, "gone"},
        {VERDICT_SIGNALED, 0, 64, ""}, {VERDICT_CPU_TIME, 0, 0, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome in = exited(), out;
        struct buf buf;
        struct error err = {0};
        in.verdict = rows[i].verdict;
        in.exit_code = rows[i].exit_code;
        in.signal = rows[i].signal;
        snprintf(in.text, sizeof(in.text), "%s", rows[i].text);
        buf_init(&buf, 1000);
        assert_true(outcome_encode(&buf, &in));
        check(outcome_decode(buf_bytes(&buf), &out, &err), "row %zu: %s", i, err.text);
        assert_int_equal(out.verdict, in.verdict);
        assert_int_equal(out.exit_code, in.exit_code);
        assert_int_equal(out.signal, in.signal);
        assert_true(out.wall_ns == in.wall_ns && out.cpu_ns == in.cpu_ns);
        assert_true(out.peak_memory_bytes == in.peak_memory_bytes && out.oom_kills == 1);
        assert_true(out.out.total_bytes == 100 && out.out.kept_bytes == 40);
        assert_true(out.err.total_bytes == 7 && out.err.kept_bytes == 7);
        assert_int_equal(out.left_out_count, 44);
        assert_true(out.generation == 2 && out.dropped_bytes == 9);
        assert_string_equal(out.text, in.text);
        buf_release(&buf);
    }
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int verdict, exit_code, signal;
        uint64_t kept_bytes;
    } rows[] = {
        {"verdict 0", 0, 0, 0, 0},
        {"verdict 7", VERDICTS_COUNT, 0, 0, 0},
        {"CPU time with a signal", VERDICT_CPU_TIME, 0, 9, 0},
        {"exit code 256", VERDICT_EXITED, 256, 0, 0},
        {"a negative exit code", VERDICT_EXITED, -1, 0, 0},
        {"exited by a signal", VERDICT_EXITED, 0, 9, 0},
        {"signaled without a signal", VERDICT_SIGNALED, 0, 0, 0},
        {"signal 65", VERDICT_SIGNALED, 0, 65, 0},
        {"signaled with an exit code", VERDICT_SIGNALED, 1, 9, 0},
        {"timeout with an exit code", VERDICT_TIMEOUT, 1, 0, 0},
        {"timeout with a signal", VERDICT_TIMEOUT, 0, 9, 0},
        {"more kept than written", VERDICT_EXITED, 0, 0, 101},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome in = exited(), out = {.wall_ns = 4711};
        struct buf buf;
        struct error err = {0};
        in.verdict = (enum verdict)rows[i].verdict;
        in.exit_code = rows[i].exit_code;
        in.signal = rows[i].signal;
        in.out.kept_bytes = rows[i].kept_bytes;
        buf_init(&buf, 1000);
        assert_true(outcome_encode(&buf, &in));
        check(!outcome_decode(buf_bytes(&buf), &out, &err), "%s", rows[i].why);
        check(err.kind == ERR_PROTOCOL && out.wall_ns == 4711, "%s", rows[i].why);
        buf_release(&buf);
    }
}

static void a_cut_payload_is_refused(void **state)
{
    (void)state;
    struct outcome in = exited(), out;
    struct buf buf;
    buf_init(&buf, 1000);
    assert_true(outcome_encode(&buf, &in));
    for (size_t len = 0; len < buf.len - WIRE_FIELD_HEADER_BYTES; len++)
        check(!outcome_decode(bytes_of(buf.data, len), &out, NULL), "%zu bytes", len);
    buf_release(&buf);
}

static void too_long_a_text_is_refused(void **state)
{
    (void)state;
    struct outcome in = exited(), out;
    char text[sizeof(in.text) + 1];
    memset(text, 'x', sizeof(text));
    for (size_t len = sizeof(in.text) - 1; len <= sizeof(in.text) + 1; len++) {
        struct buf buf;
        buf_init(&buf, 1000);
        assert_true(outcome_encode(&buf, &in));
        assert_true(wire_put(&buf, WIRE_TAG_TEXT, text, len));
        assert_int_equal(outcome_decode(buf_bytes(&buf), &out, NULL), len < sizeof(in.text));
        buf_release(&buf);
    }
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    struct outcome in = exited();
    struct buf whole;
    buf_init(&whole, 1000);
    assert_true(outcome_encode(&whole, &in));
    for (size_t cap = 0; cap < whole.len; cap++) {
        struct buf buf;
        buf_init(&buf, cap);
        assert_false(outcome_encode(&buf, &in));
        assert_int_equal(buf.len, 0);
        buf_release(&buf);
    }
    buf_release(&whole);
}

static void names_every_verdict(void **state)
{
    (void)state;
    assert_string_equal(verdict_name(VERDICT_EXITED), "exited");
    assert_string_equal(verdict_name(VERDICT_SIGNALED), "signaled");
    assert_string_equal(verdict_name(VERDICT_TIMEOUT), "timeout");
    assert_string_equal(verdict_name(VERDICT_OOM), "oom");
    assert_string_equal(verdict_name(VERDICT_LOST), "lost");
    assert_string_equal(verdict_name(VERDICT_CPU_TIME), "cpu_time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(a_cut_payload_is_refused),
        cmocka_unit_test(too_long_a_text_is_refused),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
        cmocka_unit_test(names_every_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
