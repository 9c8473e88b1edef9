#include "unit.h"

#include "common/status.h"

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct status in = {.ready = false, .reason = "the engine is down", .retry_ms = 500}, out;
    status_count(&in, "boxes{state=\"ready\"}", 4);
    status_count(&in, "runs_total", UINT64_MAX);
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(status_encode(&buf, &in));
    assert_true(status_decode(buf_bytes(&buf), &out, NULL));
    assert_false(out.ready);
    assert_string_equal(out.reason, "the engine is down");
    assert_int_equal(out.retry_ms, 500);
    assert_int_equal(out.counters_count, 2);
    assert_string_equal(out.counters[0].name, "boxes{state=\"ready\"}");
    assert_int_equal(out.counters[0].value, 4);
    assert_string_equal(out.counters[1].name, "runs_total");
    assert_true(out.counters[1].value == UINT64_MAX);
    buf_release(&buf);
}

static void one_counter_too_many_is_dropped(void **state)
{
    (void)state;
    struct status in = {.ready = true}, out;
    for (unsigned i = 0; i <= STATUS_COUNTERS_MAX; i++)
        status_count(&in, "n", i);
    assert_int_equal(in.counters_count, STATUS_COUNTERS_MAX);
    struct buf buf;
    buf_init(&buf, 100000);
    assert_true(status_encode(&buf, &in));
    assert_true(wire_put(&buf, WIRE_TAG_COUNTER_NAME, "late", 4));
    assert_true(wire_put_u64(&buf, WIRE_TAG_COUNTER_VALUE, 1));
    assert_true(status_decode(buf_bytes(&buf), &out, NULL));
    assert_true(out.ready);
    assert_int_equal(out.counters_count, STATUS_COUNTERS_MAX);
    assert_int_equal(out.counters[STATUS_COUNTERS_MAX - 1].value, STATUS_COUNTERS_MAX - 1);
    buf_release(&buf);
}

static void what_is_cut_or_incomplete_is_refused(void **state)
{
    (void)state;
    struct status in = {.ready = true}, out = {.retry_ms = 4711};
    struct error err = {0};
    struct buf buf;
    buf_init(&buf, 1000);
    assert_true(status_encode(&buf, &in));
    size_t ready = WIRE_FIELD_HEADER_BYTES + 8;
    for (size_t len = 0; len < ready; len++) {
        assert_false(status_decode(bytes_of(buf.data, len), &out, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
    }
    buf_consume(&buf, ready);
    assert_false(status_decode(buf_bytes(&buf), &out, &err));
    assert_int_equal(out.retry_ms, 4711);
    buf_release(&buf);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct status out;
    char text[1000];
    memset(text, 'x', sizeof(text));
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(wire_put_u64(&buf, WIRE_TAG_READY, 1));
    assert_true(wire_put(&buf, WIRE_TAG_TEXT, text, sizeof(text)));
    assert_true(wire_put(&buf, WIRE_TAG_COUNTER_NAME, text, sizeof(text)));
    assert_true(wire_put_u64(&buf, WIRE_TAG_COUNTER_VALUE, 1));
    assert_true(status_decode(buf_bytes(&buf), &out, NULL));
    assert_int_equal(strlen(out.reason), sizeof(out.reason) - 1);
    assert_int_equal(strlen(out.counters[0].name), sizeof(out.counters[0].name) - 1);
    buf_release(&buf);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    struct status in = {.ready = true, .reason = "r"};
    status_count(&in, "n", 1);
    struct buf whole;
    buf_init(&whole, 1000);
    assert_true(status_encode(&whole, &in));
    for (size_t cap = 0; cap < whole.len; cap++) {
        struct buf buf;
        buf_init(&buf, cap);
        assert_false(status_encode(&buf, &in));
        assert_int_equal(buf.len, 0);
        buf_release(&buf);
    }
    buf_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(one_counter_too_many_is_dropped),
        cmocka_unit_test(what_is_cut_or_incomplete_is_refused),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
