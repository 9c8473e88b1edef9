#include "unit.h"

#include "common/wire.h"

#define MAX_PAYLOAD 100

static const enum wire_type types[] = {
    WIRE_RUN,    WIRE_CANCEL,  WIRE_INTERRUPT, WIRE_READY, WIRE_STATUS,
    WIRE_PAIRED, WIRE_STARTED, WIRE_OUTPUT,    WIRE_FILE,  WIRE_DISPLAY,
    WIRE_END,    WIRE_REFUSED, WIRE_RUNTIMES,  WIRE_GONE,  WIRE_SESSION,
};

/* The header as wire.h draws it, byte by byte: other programs speak it too. */
static void writes_the_header_as_documented(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    assert_true(wire_append(&out, WIRE_OUTPUT, UINT64_C(0x0102030405060708), "\1hi", 3));
    assert_true(holds(&out, "\x14\x01\x00\x00\x00\x00\x00\x03"
                            "\x01\x02\x03\x04\x05\x06\x07\x08"
                            "\x01hi"));
    buf_release(&out);
}

static void every_type_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        struct buf out;
        struct frame frame;
        size_t used;
        buf_init(&out, 1000);
        assert_true(wire_append(&out, types[i], i * 77, "payload", i % 8));
        assert_int_equal(wire_parse(out.data, out.len, MAX_PAYLOAD, &frame, &used), WIRE_FRAME);
        assert_int_equal(used, out.len);
        assert_int_equal(frame.type, types[i]);
        assert_int_equal(frame.run_id, i * 77);
        assert_int_equal(frame.payload.len, i % 8);
        assert_memory_equal(frame.payload.data, "payload", i % 8);
        assert_string_not_equal(wire_type_name(types[i]), "unknown");
        buf_release(&out);
    }
    assert_non_null(wire_type_name((enum wire_type)200));
}

/* If a stream of frames is read byte by byte, each frame comes with its last byte, and not before.
 */
static void waits_for_the_last_byte(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    size_t ends[COUNT(types)];
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_true(wire_append(&out, types[i], i, "abcdefghijklmnopqrstuvwxyz", i));
        ends[i] = out.len;
    }
    size_t begin = 0, seen = 0;
    for (size_t len = 0; len <= out.len; len++) {
        struct frame frame = {.run_id = 4711};
        size_t used = 4711;
        enum wire_result result =
            wire_parse(out.data + begin, len - begin, MAX_PAYLOAD, &frame, &used);
        if (seen < COUNT(types) && len == ends[seen]) {
            assert_int_equal(result, WIRE_FRAME);
            assert_int_equal(frame.type, types[seen]);
            assert_int_equal(frame.run_id, seen++);
            begin += used;
        } else {
            assert_int_equal(result, WIRE_MORE);
            assert_int_equal(frame.run_id, 4711);
            assert_int_equal(used, 4711);
        }
    }
    assert_int_equal(seen, COUNT(types));
    buf_release(&out);
}

static void refuses_what_is_not_our_format(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t at;
        uint8_t byte;
    } rows[] = {
        {"an older version", 1, WIRE_VERSION - 1},
        {"a newer version", 1, WIRE_VERSION + 1},
        {"a flag", 2, 1},
        {"another flag", 3, 128},
        {"too long", 7, 101},
        {"16 MiB", 4, 1},
        {"2 GiB", 4, 0x80},
        {"4 GiB less", 4, 255},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        struct frame frame;
        size_t used;
        buf_init(&out, 1000);
        assert_true(wire_append(&out, WIRE_STARTED, 1, NULL, 0));
        out.data[rows[i].at] = rows[i].byte;
        check(wire_parse(out.data, out.len, MAX_PAYLOAD, &frame, &used) == WIRE_BAD, "%s",
              rows[i].why);
        buf_release(&out);
    }
}

static bool is_listed(unsigned type)
{
    size_t i = 0;
    while (i < COUNT(types) && types[i] != type)
        i++;
    return i < COUNT(types);
}

static void refuses_every_other_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= UINT8_MAX; type++) {
        struct buf out;
        struct frame frame;
        size_t used;
        buf_init(&out, 1000);
        assert_true(wire_append(&out, WIRE_STARTED, 1, NULL, 0));
        out.data[0] = (uint8_t)type;
        check((wire_parse(out.data, out.len, MAX_PAYLOAD, &frame, &used) == WIRE_FRAME) ==
                  is_listed(type),
              "type %u", type);
        buf_release(&out);
    }
}

static void the_largest_payload_is_accepted(void **state)
{
    (void)state;
    char payload[MAX_PAYLOAD + 1] = {0};
    for (size_t len = MAX_PAYLOAD; len <= MAX_PAYLOAD + 1; len++) {
        struct buf out;
        struct frame frame;
        size_t used;
        buf_init(&out, 1000);
        assert_true(wire_append(&out, WIRE_RUN, 1, payload, len));
        assert_int_equal(wire_parse(out.data, out.len, MAX_PAYLOAD, &frame, &used),
                         len > MAX_PAYLOAD ? WIRE_BAD : WIRE_FRAME);
        buf_release(&out);
    }
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    for (size_t cap = 3; cap < 3 + WIRE_HEADER_BYTES + 4; cap++) {
        struct buf out;
        buf_init(&out, cap);
        assert_true(buf_append_string(&out, "old"));
        assert_false(wire_append(&out, WIRE_RUN, 1, "1234", 4));
        assert_true(holds(&out, "old"));
        buf_release(&out);
    }
    for (size_t cap = 3; cap < 3 + WIRE_FIELD_HEADER_BYTES + 8; cap++) {
        struct buf out;
        buf_init(&out, cap);
        assert_true(buf_append_string(&out, "old"));
        assert_false(wire_put_u64(&out, WIRE_TAG_PIDS, 64));
        assert_true(holds(&out, "old"));
        buf_release(&out);
    }
}

static void a_payload_is_built_in_place(void **state)
{
    (void)state;
    struct buf out;
    size_t mark, used;
    struct frame frame;
    buf_init(&out, 1000);
    assert_true(buf_append_string(&out, "consumed|kept|"));
    buf_consume(&out, strlen("consumed|"));
    assert_true(wire_begin(&out, WIRE_END, 9, &mark));
    assert_true(wire_put_u64(&out, WIRE_TAG_EXIT_CODE, UINT64_C(0x1122334455667788)));
    assert_true(wire_put(&out, WIRE_TAG_TEXT, NULL, 0));
    wire_end(&out, mark);
    buf_consume(&out, strlen("kept|"));
    assert_int_equal(wire_parse(out.data + out.start, out.len, MAX_PAYLOAD, &frame, &used),
                     WIRE_FRAME);
    assert_int_equal(used, out.len);

    struct bytes rest = frame.payload, value;
    uint16_t tag;
    uint64_t number;
    assert_true(wire_next(&rest, &tag, &value));
    assert_int_equal(tag, WIRE_TAG_EXIT_CODE);
    assert_true(wire_get_u64(value, &number));
    assert_true(number == UINT64_C(0x1122334455667788));
    assert_true(wire_next(&rest, &tag, &value));
    assert_int_equal(tag, WIRE_TAG_TEXT);
    assert_int_equal(value.len, 0);
    assert_false(wire_get_u64(value, &number));
    assert_false(wire_next(&rest, &tag, &value));
    assert_int_equal(rest.len, 0);

    assert_true(wire_begin(&out, WIRE_END, 9, &mark));
    assert_true(wire_put_u64(&out, WIRE_TAG_SIGNAL, 9));
    size_t before = used;
    wire_abort(&out, mark);
    assert_int_equal(out.len, before);
    buf_release(&out);
}

/* If a list of fields is cut inside of a field, wire_next leaves a rest. So a cut list differs from
 * a complete one. */
static void a_cut_field_is_left_over(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    assert_true(wire_put(&out, WIRE_TAG_ARG, "abc", 3));
    size_t first = out.len;
    assert_true(wire_put_u64(&out, WIRE_TAG_PIDS, 5));
    for (size_t len = 0; len <= out.len; len++) {
        struct bytes rest = bytes_of(out.data, len), value;
        uint16_t tag;
        size_t fields = 0;
        while (wire_next(&rest, &tag, &value))
            fields++;
        bool whole = len == 0 || len == first || len == out.len;
        check((rest.len == 0) == whole, "%zu bytes", len);
        check(fields == (len == out.len ? 2u : len >= first ? 1u : 0u), "%zu bytes", len);
    }
    buf_release(&out);
}

static void a_huge_field_length_is_no_field(void **state)
{
    (void)state;
    static const uint8_t field[] = {0, 10, 0xFF, 0xFF, 0xFF, 0xFF, 'a', 'b'};
    struct bytes rest = bytes_of(field, sizeof(field)), value;
    uint16_t tag;
    assert_false(wire_next(&rest, &tag, &value));
    assert_int_equal(rest.len, sizeof(field));
}

/* A frame that was taken from a stream has no spare capacity. */
static void a_field_is_added_to_a_whole_frame(void **state)
{
    (void)state;
    struct buf out, longest;
    struct frame frame;
    size_t used;
    uint64_t number = 0;
    uint16_t tag;
    struct bytes value;
    buf_init(&out, WIRE_HEADER_BYTES + 9);
    assert_true(wire_append(&out, WIRE_RUN, 5, "\0\1\0\0\0\3abc", 9));
    assert_true(wire_extend(&out, WIRE_TAG_RUN_KEEP, 1));
    assert_int_equal(wire_parse(out.data, out.len, MAX_PAYLOAD, &frame, &used), WIRE_FRAME);
    assert_int_equal(used, out.len);
    assert_int_equal(frame.run_id, 5);
    assert_true(wire_next(&frame.payload, &tag, &value) && tag == 1 && value.len == 3);
    assert_true(wire_next(&frame.payload, &tag, &value) && tag == WIRE_TAG_RUN_KEEP);
    assert_true(wire_get_u64(value, &number) && number == 1);
    assert_int_equal(frame.payload.len, 0);
    buf_release(&out);

    buf_init(&longest, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES);
    size_t mark;
    assert_true(wire_begin(&longest, WIRE_RUN, 5, &mark));
    assert_non_null(buf_reserve(&longest, WIRE_PAYLOAD_MAX_BYTES - 13));
    buf_commit(&longest, WIRE_PAYLOAD_MAX_BYTES - 13);
    wire_end(&longest, mark);
    /* one byte above the largest payload */
    assert_false(wire_extend(&longest, WIRE_TAG_RUN_KEEP, 1));
    assert_int_equal(longest.len, WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES - 13);
    buf_truncate(&longest, longest.len - 1);
    assert_true(wire_extend(&longest, WIRE_TAG_RUN_KEEP, 1));
    buf_release(&longest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_header_as_documented),
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(waits_for_the_last_byte),
        cmocka_unit_test(refuses_what_is_not_our_format),
        cmocka_unit_test(refuses_every_other_type),
        cmocka_unit_test(the_largest_payload_is_accepted),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
        cmocka_unit_test(a_payload_is_built_in_place),
        cmocka_unit_test(a_cut_field_is_left_over),
        cmocka_unit_test(a_huge_field_length_is_no_field),
        cmocka_unit_test(a_field_is_added_to_a_whole_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
