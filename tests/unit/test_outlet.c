/* An outlet on a real socket pair. The other end reads or does not read. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/outlet.h"

#define FLOW_BYTES ((size_t)4 << 20)

static struct outlet outlet;
static struct flow flows[3];
static struct buf got;
static int reader;

static int set_up(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    outlet_init(&outlet, ends[0]);
    reader = ends[1];
    for (size_t i = 0; i < COUNT(flows); i++)
        flow_init(&flows[i], FLOW_BYTES);
    buf_init(&got, 4 * FLOW_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(flows); i++)
        flow_release(&flows[i]);
    buf_release(&got);
    close(outlet.fd);
    close(reader);
    return 0;
}

/* Put a frame of flow i. Its run ID holds the flow and the frame's number in it. */
static void put(size_t i, uint64_t number, size_t len)
{
    static uint8_t payload[1 << 20];
    assert_true(
        outlet_put(&outlet, &flows[i], WIRE_OUTPUT, i * 1000 + number, bytes_of(payload, len)));
}

static void read_some(void)
{
    while (buf_read_fd(&got, reader, (size_t)64 << 10) > 0)
        ;
}

static void read_all(void)
{
    do {
        assert_true(outlet_write(&outlet));
        read_some();
    } while (!outlet_is_empty(&outlet));
}

/* Returns the ID of the next whole frame, 0 at the end. Fails if the bytes are not whole frames. */
static uint64_t next_id(void)
{
    struct frame frame;
    size_t used;
    struct bytes bytes = buf_bytes(&got);
    if (bytes.len == 0)
        return 0;
    assert_int_equal(wire_parse(bytes.data, bytes.len, FLOW_BYTES, &frame, &used), WIRE_FRAME);
    buf_consume(&got, used);
    return frame.run_id;
}

static void flows_take_turns_and_keep_their_order(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 100; n++)
        put(0, n, 30000);
    for (uint64_t n = 1; n <= 3; n++)
        put(1, n, 10);
    read_all();
    uint64_t last[2] = {0, 0}, id;
    size_t seen = 0, last_of_small = 0;
    while ((id = next_id()) != 0) {
        seen++;
        assert_int_equal(id % 1000, last[id / 1000] + 1);
        last[id / 1000] = id % 1000;
        if (id / 1000 == 1)
            last_of_small = seen;
    }
    assert_int_equal(seen, 103);
    /* after at most one slice of the other flow */
    assert_true(last_of_small <= 10);
    assert_true(flows[0].out.capacity <= (size_t)64 << 10); /* it held three megabytes */
}

static void a_flow_in_a_hurry_is_next(void **state)
{
    (void)state;
    put(0, 1, 1 << 20);
    assert_true(outlet_write(&outlet)); /* a part of it */
    put(1, 1, 10);
    put(2, 1, 10);
    outlet_hurry(&outlet, &flows[2]);
    read_all();
    assert_int_equal(next_id(), 1);
    assert_int_equal(next_id(), 2001);
    assert_int_equal(next_id(), 1001);
    assert_int_equal(next_id(), 0);
}

static void what_is_dropped_ends_with_the_frames_under_way(void **state)
{
    (void)state;
    put(0, 1, 1 << 20);
    put(0, 2, 1 << 20);
    put(1, 1, 10);
    assert_true(outlet_write(&outlet));
    assert_false(flow_is_empty(&flows[0]));
    outlet_drop(&outlet, &flows[0]);
    outlet_drop(&outlet, &flows[1]);
    assert_true(flow_is_empty(&flows[1]));
    put(0, 3, 10);
    read_all();
    assert_int_equal(next_id(), 1);
    assert_int_equal(next_id(), 3);
    assert_int_equal(next_id(), 0);
}

static void a_flow_has_a_cap_of_its_own(void **state)
{
    (void)state;
    struct bytes none = {0};
    while (outlet_put(&outlet, &flows[0], WIRE_OUTPUT, 1, bytes_of(flows, sizeof(flows))))
        ;
    assert_true(flows[0].out.len <= FLOW_BYTES);
    assert_true(outlet_put(&outlet, &flows[1], WIRE_END, 1, none));
}

static void a_broken_socket_is_told(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    put(0, 1, 1 << 20);
    assert_true(outlet_write(&outlet)); /* it is full */
    shutdown(reader, SHUT_RDWR);
    assert_false(outlet_write(&outlet));
}

/* This holds even while a slice of this flow or of another one is being written: frames that other
 * flows get later are written after it. */
static void a_flow_that_leads_is_before_all_that_comes_later(void **state)
{
    (void)state;
    for (size_t begun = 0; begun < 2; begun++) {
        flows[0].leads = true;
        put(begun, 1, (size_t)1 << 20); /* the socket takes a part of it */
        assert_true(outlet_write(&outlet));
        assert_ptr_equal(outlet.current, &flows[begun]);
        put(1, 2, 10);
        put(2, 3, 10);
        put(0, 4, 10);
        put(2, 5, 10);
        read_all();
        uint64_t seen[5];
        struct bytes rest = buf_bytes(&got);
        for (size_t i = 0; i < COUNT(seen); i++) {
            struct frame frame;
            size_t used;
            assert_int_equal(wire_parse(rest.data, rest.len, (size_t)2 << 20, &frame, &used),
                             WIRE_FRAME);
            seen[i] = frame.run_id;
            rest = bytes_of(rest.data + used, rest.len - used);
        }
        assert_int_equal(seen[0], begun * 1000 + 1);
        assert_int_equal(seen[1], 4);
        buf_truncate(&got, 0);
    }
}

int main(void)
{
#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        test(a_flow_that_leads_is_before_all_that_comes_later),
        test(flows_take_turns_and_keep_their_order),
        test(a_flow_in_a_hurry_is_next),
        test(what_is_dropped_ends_with_the_frames_under_way),
        test(a_flow_has_a_cap_of_its_own),
        test(a_broken_socket_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
