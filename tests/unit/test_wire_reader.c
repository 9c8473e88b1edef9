/* Frames from a stream that is cut anywhere. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/wire_reader.h"

#define MAX_PAYLOAD ((size_t)1 << 20)

static struct buf stream_of(size_t frames_count, size_t payload_bytes)
{
    struct buf stream;
    uint8_t *payload = calloc(1, payload_bytes + 1);
    assert_non_null(payload);
    buf_init(&stream, (size_t)64 << 20);
    for (size_t i = 0; i < frames_count; i++) {
        payload[0] = (uint8_t)i;
        assert_true(wire_append(&stream, WIRE_OUTPUT, i + 1, payload, payload_bytes));
    }
    free(payload);
    return stream;
}

static void frames_come_whole_wherever_the_stream_is_cut(void **state)
{
    (void)state;
    for (size_t step = 1; step < 60; step++) {
        struct buf stream = stream_of(5, 10);
        struct wire_reader reader;
        struct frame frame;
        uint64_t next_id = 1;
        wire_reader_init(&reader, 10, 60);
        while (stream.len) {
            size_t len = stream.len < step ? stream.len : step;
            assert_true(wire_reader_add(&reader, bytes_of(buf_bytes(&stream).data, len)));
            buf_consume(&stream, len);
            while (wire_reader_next(&reader, &frame) == WIRE_FRAME) {
                assert_int_equal(frame.run_id, next_id);
                assert_int_equal(frame.payload.data[0], next_id - 1);
                next_id++;
            }
        }
        check(next_id == 6, "steps of %zu", step);
        assert_int_equal(reader.in.len, 0);
        wire_reader_release(&reader);
        buf_release(&stream);
    }
}

static void a_frame_can_be_taken_out_whole(void **state)
{
    (void)state;
    struct buf stream = stream_of(2, 100), whole;
    struct wire_reader reader;
    struct frame frame;
    wire_reader_init(&reader, MAX_PAYLOAD, 1000);
    assert_true(wire_reader_add(&reader, buf_bytes(&stream)));
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_true(wire_reader_take(&reader, &whole));
    assert_int_equal(whole.len, WIRE_HEADER_BYTES + 100);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_int_equal(frame.run_id, 2);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_MORE);
    wire_reader_release(&reader);
    buf_release(&whole);
    buf_release(&stream);
}

static void a_wrong_byte_or_too_much_is_refused(void **state)
{
    (void)state;
    struct wire_reader reader;
    struct frame frame;
    struct buf stream = stream_of(1, 11);
    wire_reader_init(&reader, 10, 100);
    assert_true(wire_reader_add(&reader, bytes_of("x", 1)));
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_BAD);
    wire_reader_release(&reader);
    assert_true(wire_reader_add(&reader, buf_bytes(&stream)));
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_BAD); /* over max_payload */
    wire_reader_release(&reader);
    wire_reader_init(&reader, 10, 0);
    assert_false(wire_reader_add(&reader, buf_bytes(&stream)));
    wire_reader_release(&reader);
    buf_release(&stream);
}

/* Memory of a large frame is freed after it, because a box or a front lives much longer than
 * that. */
static void the_storage_of_a_large_frame_is_given_back(void **state)
{
    (void)state;
    struct buf stream = stream_of(1, MAX_PAYLOAD), small = stream_of(1, 10);
    struct wire_reader reader;
    struct frame frame;
    wire_reader_init(&reader, MAX_PAYLOAD, 1000);
    assert_true(wire_reader_add(&reader, buf_bytes(&stream)));
    assert_true(wire_reader_add(&reader, bytes_of(buf_bytes(&small).data, 20)));
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_true(reader.in.capacity >= MAX_PAYLOAD);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_MORE);
    assert_int_equal(reader.in.len, 20);
    assert_true(reader.in.capacity < 1000);
    wire_reader_release(&reader);
    buf_release(&stream);
    buf_release(&small);
}

static void reads_from_a_descriptor(void **state)
{
    (void)state;
    int ends[2];
    struct buf stream = stream_of(3, 10);
    struct wire_reader reader;
    struct frame frame;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(buf_write_fd(&stream, ends[1]), 3 * (WIRE_HEADER_BYTES + 10));
    wire_reader_init(&reader, 10, 100);
    assert_int_equal(wire_reader_fill(&reader, ends[0], 30), 30);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_MORE);
    assert_int_equal(wire_reader_fill(&reader, ends[0], 100), 48);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_int_equal(wire_reader_next(&reader, &frame), WIRE_FRAME);
    assert_int_equal(frame.run_id, 3);
    wire_reader_release(&reader);
    buf_release(&stream);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_whole_wherever_the_stream_is_cut),
        cmocka_unit_test(a_frame_can_be_taken_out_whole),
        cmocka_unit_test(a_wrong_byte_or_too_much_is_refused),
        cmocka_unit_test(the_storage_of_a_large_frame_is_given_back),
        cmocka_unit_test(reads_from_a_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
