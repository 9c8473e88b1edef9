#include "unit.h"

#include "common/sample.h"
#include "common/status.h"

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct status out;
    struct status in = {.ready = false,
                        .reason = "the engine is down",
                        .retry_ms = 500,
                        .samples = bytes_of_string("samples")};
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(status_encode(&buf, &in));
    assert_true(status_decode(buf_bytes(&buf), &out, NULL));
    assert_false(out.ready);
    assert_string_equal(out.reason, "the engine is down");
    assert_int_equal(out.retry_ms, 500);
    assert_true(bytes_equal_string(out.samples, "samples"));
    buf_release(&buf);
}

static void too_many_samples_are_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[SAMPLES_MAX_BYTES + 1];
    struct status in = {.ready = true}, out = {.retry_ms = 4711};
    struct error err = {0};
    struct buf buf;
    buf_init(&buf, 2 * SAMPLES_MAX_BYTES);
    in.samples = bytes_of(zeros, SAMPLES_MAX_BYTES);
    assert_true(status_encode(&buf, &in));
    assert_true(status_decode(buf_bytes(&buf), &out, &err));
    assert_int_equal(out.samples.len, SAMPLES_MAX_BYTES);
    buf_truncate(&buf, 0);
    in.samples = bytes_of(zeros, sizeof(zeros));
    assert_true(status_encode(&buf, &in));
    assert_false(status_decode(buf_bytes(&buf), &out, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
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

static void a_long_reason_is_cut(void **state)
{
    (void)state;
    struct status out;
    char text[1000];
    memset(text, 'x', sizeof(text));
    struct buf buf;
    buf_init(&buf, 10000);
    assert_true(wire_put_u64(&buf, WIRE_TAG_READY, 1));
    assert_true(wire_put(&buf, WIRE_TAG_TEXT, text, sizeof(text)));
    assert_true(status_decode(buf_bytes(&buf), &out, NULL));
    assert_int_equal(strlen(out.reason), sizeof(out.reason) - 1);
    buf_release(&buf);
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    struct status in = {.ready = true, .reason = "r", .samples = bytes_of_string("samples")};
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
        cmocka_unit_test(too_many_samples_are_refused),
        cmocka_unit_test(what_is_cut_or_incomplete_is_refused),
        cmocka_unit_test(a_long_reason_is_cut),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
