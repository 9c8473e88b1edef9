/* Illegal state changes of a box in a release build: they are reported as faults and the box is
 * retired. */
#include "counted_faults.h"

#include "seen_box.h"

/* Returns how many events of a living box were reported. */
static unsigned others(void)
{
    return seen.ready + seen.delivered + seen.framed;
}

static void run(void)
{
    struct buf frame;
    buf_init(&frame, 100);
    wire_append(&frame, WIRE_RUN, 7, "job", 3);
    box_run(&seen.box, 7, &frame, (struct quota){.stdout_bytes = 10}, 6500);
    assert_int_equal(frame.len, 0); /* taken */
}

/* Bring a new box to this state, READY at most. */
static void box_in(enum box_state state)
{
    memset(&seen, 0, sizeof seen);
    faults = 0;
    box_create(&seen.box, NULL, NULL, "mayfly-test-1", bytes_of("{}", 2), &patience, &events, NULL);
    if (state >= BOX_ATTACHING)
        script_answer(script_find(SCRIPT_CREATE), 201);
    if (state >= BOX_STARTING)
        script_streams->events->on_opened(script_streams->arg);
    if (state >= BOX_READY) {
        script_answer(script_find(SCRIPT_START), 204);
        script_frame(script_streams, WIRE_READY, 0, NULL, 0);
    }
    seen.ready = 0;
    assert_int_equal(faults, 0);
}

static void expect_left(enum box_state from)
{
    assert_int_equal(faults, 1);
    assert_int_equal(seen.box.state, BOX_REMOVING);
    assert_null(script_streams);
    check(seen.left == 0 && others() == 0, "not before the call has returned");
    script_pass(0);
    check(seen.left == 1 && seen.leave.from == from, "from %s", box_state_name(from));
    assert_int_equal(seen.leave.why.kind, ERR_SYSTEM);
}

static void expect_gone(void)
{
    assert_int_equal(seen.gone, 0);
    script_answer(script_find(SCRIPT_REMOVE), 204);
    check(seen.gone == 1 && seen.left == 1 && others() == 0 && faults == 1, "gone");
    assert_int_equal(seen.box.state, BOX_GONE);
    assert_null(script_calls);
    assert_int_equal(script_timer_count(), 0);
}

static void an_illegal_move_retires_the_box(void **state)
{
    (void)state;
    for (enum box_state from = BOX_CREATING; from < BOX_READY; from++) {
        box_in(from);
        run();
        expect_left(from);
        expect_gone();
    }
}

static void a_run_that_is_given_twice_is_lost_with_its_box(void **state)
{
    (void)state;
    box_in(BOX_READY);
    run();
    script_sent(script_streams);
    check(faults == 0 && others() == 1, "delivered");
    seen.delivered = 0;
    run();
    expect_left(BOX_RUNNING);
    assert_true(box_may_have_started(&seen.box));
    expect_gone();
}

/* For instance an answer that comes twice. */
static void an_event_in_the_wrong_state_retires_the_box(void **state)
{
    (void)state;
    box_in(BOX_READY);
    script_streams->events->on_opened(script_streams->arg);
    expect_left(BOX_READY);
    expect_gone();
}

/* The engine may still carry out a create call that was canceled. */
static void a_box_in_the_making_is_removed_when_it_comes_later(void **state)
{
    (void)state;
    box_in(BOX_CREATING);
    run();
    expect_left(BOX_CREATING);
    script_answer(script_find(SCRIPT_REMOVE), 404);
    assert_int_equal(seen.gone, 0);
    script_pass(50);
    expect_gone();
}

static void a_box_that_is_removed_stays_so(void **state)
{
    (void)state;
    box_in(BOX_READY);
    box_retire(&seen.box);
    run();
    assert_int_equal(faults, 1);
    assert_int_equal(seen.box.state, BOX_REMOVING);
    script_answer(script_find(SCRIPT_REMOVE), 204);
    run();
    assert_int_equal(faults, 2);
    check(seen.box.state == BOX_GONE && seen.gone == 1 && seen.left == 0, "gone once");

    box_in(BOX_READY);
    run();
    script_end_stream(script_streams);
    run(); /* during its post-mortem */
    assert_int_equal(seen.left, 0);
    script_answer(script_find(SCRIPT_INSPECT), 200);
    expect_gone();
}

int main(void)
{
    log_init("test", LOG_FORMAT_JSON, LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_illegal_move_retires_the_box),
        cmocka_unit_test(a_run_that_is_given_twice_is_lost_with_its_box),
        cmocka_unit_test(an_event_in_the_wrong_state_retires_the_box),
        cmocka_unit_test(a_box_in_the_making_is_removed_when_it_comes_later),
        cmocka_unit_test(a_box_that_is_removed_stays_so),
    };
    return cmocka_run_group_tests_name("box_fault", tests, NULL, NULL);
}
