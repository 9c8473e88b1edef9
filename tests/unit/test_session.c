#include "unit.h"

#include <string.h>

#include "common/session.h"

static struct buf payload;

static int set_up(void **state)
{
    (void)state;
    buf_init(&payload, 256 << 10);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&payload);
    return 0;
}

static const struct session_notice sample = {
    .state = SESSION_BUSY,
    .owner = "alice",
    .name = "my-1",
    .runtime = "python",
    .limits = {.memory_bytes = 1 << 26, .cpu_millis = 500, .pids = 32},
    .idle_ms = 600000,
    .life_ms = 3600000,
    .created_ms = 1000,
    .expires_ms = 3601000,
    .idle_expires_ms = 7,
    .ended_ms = 8,
    .forgotten_ms = 9,
    .cells_count = 3,
    .generation = 2,
    .peak_memory_bytes = 12345,
    .execution = "0123456789abcdef",
};

static void a_notice_comes_back_as_it_was(void **state)
{
    (void)state;
    struct session_notice read;
    assert_true(session_notice_encode(&payload, &sample));
    assert_true(session_notice_decode(buf_bytes(&payload), &read, NULL));
    assert_true(read.state == sample.state && read.reason == sample.reason);
    assert_string_equal(read.owner, sample.owner);
    assert_string_equal(read.name, sample.name);
    assert_string_equal(read.runtime, sample.runtime);
    assert_string_equal(read.execution, sample.execution);
    assert_true(limits_equal(&read.limits, &sample.limits));
    assert_true(read.idle_ms == sample.idle_ms && read.life_ms == sample.life_ms);
    assert_true(read.created_ms == 1000 && read.expires_ms == 3601000);
    assert_true(read.idle_expires_ms == 7 && read.ended_ms == 8 && read.forgotten_ms == 9);
    assert_true(read.cells_count == 3 && read.generation == 2);
    assert_true(read.peak_memory_bytes == 12345 && read.record.len == 0);
}

static void a_record_is_borrowed_from_the_payload(void **state)
{
    (void)state;
    struct session_notice read, with = sample;
    static char record[JOB_SESSION_RECORD_MAX_BYTES + 1];
    with.record = bytes_of(record, JOB_SESSION_RECORD_MAX_BYTES);
    assert_true(session_notice_encode(&payload, &with));
    assert_true(session_notice_decode(buf_bytes(&payload), &read, NULL));
    assert_int_equal(read.record.len, JOB_SESSION_RECORD_MAX_BYTES);
    assert_true(read.record.data > payload.data && read.record.data < payload.data + payload.len);
    payload.len = 0;
    with.record.len++;
    assert_true(session_notice_encode(&payload, &with));
    assert_false(session_notice_decode(buf_bytes(&payload), &read, NULL));
}

static void a_session_that_is_not_known_has_no_name(void **state)
{
    (void)state;
    struct session_notice read, unknown = {.state = SESSION_GONE};
    assert_true(session_notice_encode(&payload, &unknown));
    assert_true(session_notice_decode(buf_bytes(&payload), &read, NULL));
    assert_true(read.state == SESSION_GONE && read.reason == SESSION_ENDED_NOT);
    payload.len = 0;
    unknown.reason = SESSION_EVICTED;
    assert_true(session_notice_encode(&payload, &unknown));
    assert_false(session_notice_decode(buf_bytes(&payload), &read, NULL));
}

static void a_live_session_has_no_reason(void **state)
{
    (void)state;
    struct session_notice read, wrong = sample;
    wrong.reason = SESSION_CRASHED;
    assert_true(session_notice_encode(&payload, &wrong));
    assert_false(session_notice_decode(buf_bytes(&payload), &read, NULL));
}

/* Returns whether the payload without its last field, and with this one after it, is a notice. */
static bool takes_number(enum wire_tag tag, uint64_t number)
{
    struct session_notice read;
    payload.len = 0;
    assert_true(session_notice_encode(&payload, &sample));
    assert_true(wire_put_u64(&payload, tag, number));
    return session_notice_decode(buf_bytes(&payload), &read, NULL);
}

static void numbers_have_ranges(void **state)
{
    (void)state;
    assert_false(takes_number(WIRE_TAG_SESSION_STATE, 0));
    assert_true(takes_number(WIRE_TAG_SESSION_STATE, SESSION_IDLE));
    assert_false(takes_number(WIRE_TAG_SESSION_STATE, SESSION_GONE + 1));
    assert_false(takes_number(WIRE_TAG_SESSION_REASON, SESSION_REASONS_COUNT));
    assert_false(takes_number(WIRE_TAG_SESSION_IDLE_MS, (uint64_t)UINT32_MAX + 1));
    assert_false(takes_number(WIRE_TAG_CPU_MILLIS, UINT64_MAX));
    assert_true(takes_number((enum wire_tag)999, 1));
}

static void a_notice_that_is_cut_is_none(void **state)
{
    (void)state;
    struct session_notice read = {.idle_ms = 77};
    struct bytes rest;
    uint16_t tag;
    struct bytes value;
    assert_true(session_notice_encode(&payload, &sample));
    for (size_t len = 0; len < payload.len; len++) {
        rest = bytes_of(payload.data, len);
        while (wire_next(&rest, &tag, &value))
            ;
        if (rest.len > 0)
            check(!session_notice_decode(bytes_of(payload.data, len), &read, NULL), "%zu", len);
    }
    assert_int_equal(read.idle_ms, 77);
}

static void an_order_comes_back_as_it_was(void **state)
{
    (void)state;
    struct session_order read;
    const struct session_order order = {
        .deed = SESSION_INTERRUPT, .idle_ms = 5, .execution = "0123456789abcdef"};
    assert_true(session_order_encode(&payload, &order));
    assert_true(session_order_decode(buf_bytes(&payload), &read, NULL));
    assert_true(read.deed == order.deed && read.idle_ms == order.idle_ms);
    assert_string_equal(read.execution, order.execution);
}

static void an_order_needs_a_deed(void **state)
{
    (void)state;
    struct session_order read = {.idle_ms = 77}, order = {.deed = SESSION_INTERRUPT + 1};
    assert_false(session_order_decode(bytes_of("", 0), &read, NULL));
    assert_true(session_order_encode(&payload, &order));
    assert_false(session_order_decode(buf_bytes(&payload), &read, NULL));
    assert_false(session_order_decode(bytes_of(payload.data, 3), &read, NULL));
    assert_int_equal(read.idle_ms, 77);
}

static void what_does_not_fit_is_not_begun(void **state)
{
    (void)state;
    const struct session_order order = {.deed = SESSION_END};
    assert_true(session_notice_encode(&payload, &sample));
    for (size_t cap = 0; cap < payload.len; cap++) {
        struct buf small;
        buf_init(&small, cap);
        check(!session_notice_encode(&small, &sample) && small.len == 0, "cap %zu", cap);
        buf_release(&small);
    }
    payload.len = 0;
    assert_true(session_order_encode(&payload, &order));
    for (size_t cap = 0; cap < payload.len; cap++) {
        struct buf small;
        buf_init(&small, cap);
        check(!session_order_encode(&small, &order) && small.len == 0, "cap %zu", cap);
        buf_release(&small);
    }
}

static void each_reason_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < SESSION_REASONS_COUNT; i++) {
        const char *name = session_reason_name((enum session_reason)i);
        check(name && name[0], "reason %d", i);
    }
    assert_string_equal(session_reason_name(SESSION_EVICTED), "evicted");
    assert_string_equal(session_state_name(SESSION_GONE), "gone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_notice_comes_back_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_is_borrowed_from_the_payload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_is_not_known_has_no_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_live_session_has_no_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_have_ranges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_notice_that_is_cut_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_comes_back_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_order_needs_a_deed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_not_begun, set_up, tear_down),
        cmocka_unit_test(each_reason_has_a_name),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
