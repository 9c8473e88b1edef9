/* The outbox, which sends frames to the broker, with a socket that accepts few bytes at a time. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <fcntl.h>
#include <sys/socket.h>

#include "common/wire.h"
#include "front/runs/outbox.h"

#define BUDGET 100000

static struct outbox outbox;
static int ours, theirs;
static uint64_t evicted[8];
static size_t evicted_count;
static struct buf got;

static void on_evicted(void *arg, uint64_t run_id)
{
    assert_ptr_equal(arg, &outbox);
    evicted[evicted_count++] = run_id;
}

static int set_up(void **state)
{
    (void)state;
    int pair[2];
    evicted_count = 0;
    outbox =
        (struct outbox){.ledger = {.max_bytes = BUDGET}, .on_evicted = on_evicted, .arg = &outbox};
    buf_init(&got, 1 << 20);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    ours = pair[0];
    theirs = pair[1];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    outbox_clear(&outbox);
    assert_int_equal(outbox.ledger.bytes, 0);
    assert_int_equal(outbox.ledger.owners.count, 0);
    buf_release(&got);
    return close(ours) | close(theirs);
}

static bool add(uint64_t run_id, const char *owner, size_t len)
{
    struct buf frame;
    size_t mark;
    char *payload = calloc(1, len);
    buf_init(&frame, len + WIRE_HEADER_BYTES);
    assert_true(wire_begin(&frame, WIRE_RUN, 0, &mark) && buf_append(&frame, payload, len));
    wire_end(&frame, mark);
    wire_set_run(&frame, run_id);
    bool added = outbox_add(&outbox, run_id, owner, &frame);
    assert_int_equal(frame.len, added ? 0 : len + WIRE_HEADER_BYTES);
    buf_release(&frame);
    free(payload);
    return added;
}

/* Returns the next frame that the broker receives. */
static struct frame receive(void)
{
    struct frame frame;
    size_t used;
    for (int i = 0; i < 1000; i++) {
        struct bytes bytes = buf_bytes(&got);
        if (wire_parse(bytes.data, bytes.len, 1 << 20, &frame, &used) == WIRE_FRAME) {
            buf_consume(&got, used);
            return frame;
        }
        outbox_send(&outbox, ours, SIZE_MAX);
        assert_true(buf_read_fd(&got, theirs, 1 << 16) > 0);
    }
    fail_msg("no frame");
    return frame;
}

static void frames_go_out_in_order(void **state)
{
    (void)state;
    assert_true(add(1, "ann", 40000) && add(2, "bob", 10));
    assert_true(outbox_add_word(&outbox, WIRE_CANCEL, 7, (struct bytes){0}));
    assert_true(outbox_add_word(&outbox, WIRE_SESSION, 8, bytes_of_string("order")));
    assert_true(add(3, "ann", 20000));
    static const uint64_t ids[] = {1, 2, 7, 8, 3};
    static const enum wire_type types[] = {WIRE_RUN, WIRE_RUN, WIRE_CANCEL, WIRE_SESSION, WIRE_RUN};
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct frame frame = receive();
        assert_int_equal(frame.type, types[i]);
        assert_int_equal(frame.run_id, ids[i]);
    }
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(evicted_count, 0);
}

static void a_turn_sends_no_more_than_it_may(void **state)
{
    (void)state;
    assert_true(add(1, "ann", 90000));
    int small = 4096;
    assert_int_equal(setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    outbox_send(&outbox, ours, 1);
    assert_false(outbox_is_empty(&outbox));
    assert_int_equal(receive().run_id, 1);
}

static void the_largest_owners_newest_gives_way(void **state)
{
    (void)state;
    assert_true(add(1, "ann", 40000) && add(2, "ann", 30000) && add(3, "bob", 20000));
    assert_true(add(4, "cyd", 20000));
    assert_int_equal(evicted_count, 1);
    assert_int_equal(evicted[0], 2);
    assert_false(add(5, "ann", 40000)); /* a frame of the largest owner is refused */
    assert_true(add(6, "bob", 10000));
    assert_int_equal(evicted_count, 1);
    assert_int_equal(receive().run_id, 1);
    assert_int_equal(receive().run_id, 3);
}

/* The broker has received the beginning of a frame and must receive the rest. */
static void what_is_being_sent_stays(void **state)
{
    (void)state;
    int small = 4096;
    assert_int_equal(setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    assert_true(add(1, "ann", 90000));
    outbox_send(&outbox, ours, 1);
    assert_false(outbox_withdraw(&outbox, 1));
    assert_true(add(2, "ann", 90000) && add(3, "bob", 50000));
    assert_int_equal(evicted_count, 1);
    assert_int_equal(evicted[0], 2);
    assert_int_equal(receive().run_id, 1);
    assert_int_equal(receive().run_id, 3);
}

static void what_is_withdrawn_is_never_sent(void **state)
{
    (void)state;
    assert_true(add(1, "ann", 10) && add(2, "ann", 10));
    assert_true(outbox_withdraw(&outbox, 1));
    assert_false(outbox_withdraw(&outbox, 1));
    assert_int_equal(receive().run_id, 2);
    assert_true(outbox_is_empty(&outbox));
}

/* A wakeup while the socket is full is no error. */
static void a_full_socket_is_waited_for(void **state)
{
    (void)state;
    assert_true(add(1, "ann", 90000));
    for (int i = 0; i < 100; i++)
        outbox_send(&outbox, ours, SIZE_MAX);
    assert_int_equal(receive().run_id, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(frames_go_out_in_order),
        TEST(a_turn_sends_no_more_than_it_may),
        TEST(the_largest_owners_newest_gives_way),
        TEST(what_is_being_sent_stays),
        TEST(what_is_withdrawn_is_never_sent),
        TEST(a_full_socket_is_waited_for),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
