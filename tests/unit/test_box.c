/* A box on a scripted engine: each path from CREATING to GONE, and each frame that init must not
 * send. */
#include "seen_box.h"

#include "common/outcome.h"

static void say_end(struct attach *stream);

/* Returns the stream of a new box that has been brought to this state. */
static struct attach *box_in(enum box_state state)
{
    memset(&seen, 0, sizeof seen);
    box_create(&seen.box, NULL, NULL, "mayfly-test-1", bytes_of("{}", 2), &patience, &events, NULL);
    if (state == BOX_CREATING)
        return NULL;
    script_answer(script_find(SCRIPT_CREATE), 201);
    struct attach *stream = script_streams;
    if (state == BOX_ATTACHING)
        return stream;
    stream->events->on_opened(stream->arg);
    if (state == BOX_STARTING)
        return stream;
    script_answer(script_find(SCRIPT_START), 204);
    script_frame(stream, WIRE_READY, 0, NULL, 0);
    if (state == BOX_READY)
        return stream;
    struct buf run;
    buf_init(&run, 100);
    wire_append(&run, WIRE_RUN, 7, "job", 3);
    const struct quota quota = {.stdout_bytes = 10, .stderr_bytes = 10};
    box_run(&seen.box, 7, &run, quota, 6500);
    if (state == BOX_RUNNING)
        return stream;
    script_sent(stream);
    script_frame(stream, WIRE_STARTED, 7, NULL, 0);
    keeps = true;
    say_end(stream);
    keeps = false;
    assert_int_equal(seen.box.state, BOX_RESETTING);
    return stream;
}

/* Answer the DELETE of a box that is REMOVING, and check that nothing of the box is left. */
static void expect_gone(void)
{
    assert_int_equal(seen.box.state, BOX_REMOVING);
    assert_null(script_streams);
    assert_int_equal(seen.gone, 0);
    script_answer(script_find(SCRIPT_REMOVE), 204);
    assert_int_equal(seen.gone, 1);
    assert_int_equal(seen.box.state, BOX_GONE);
    assert_null(script_calls);
    assert_int_equal(script_timer_count(), 0);
    box_release(&seen.box);
}

static void say_end(struct attach *stream)
{
    struct buf payload;
    struct outcome outcome = {.verdict = VERDICT_EXITED};
    buf_init(&payload, 1000);
    assert_true(outcome_encode(&payload, &outcome));
    script_frame(stream, WIRE_END, 7, buf_bytes(&payload).data, payload.len);
    buf_release(&payload);
}

static void lives_its_life(void **state)
{
    (void)state;
    box_in(BOX_READY);
    assert_int_equal(seen.ready, 1);
    assert_int_equal(seen.box.ready_ms, script_now_ms);
    box_release(&seen.box);

    struct attach *stream = box_in(BOX_RUNNING);
    struct frame frame;
    size_t used;
    struct bytes sent = buf_bytes(&stream->sent);
    assert_int_equal(wire_parse(sent.data, sent.len, 100, &frame, &used), WIRE_FRAME);
    assert_int_equal(frame.run_id, 7);
    assert_false(box_may_have_started(&seen.box));
    script_sent(stream);
    assert_int_equal(seen.delivered, 1);
    script_frame(stream, WIRE_STARTED, 7, NULL, 0);
    script_frame(stream, WIRE_OUTPUT, 7, "\1hi", 3);
    say_end(stream);
    assert_int_equal(seen.framed, 3);
    assert_int_equal(seen.last_frame, WIRE_END);
    assert_int_equal(seen.left, 0);
    assert_null(script_find(SCRIPT_REMOVE)); /* the answer is sent before the removal */
    script_pass(50);
    expect_gone();
}

static void a_run_may_be_refused_instead(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_RUNNING);
    script_frame(stream, WIRE_REFUSED, 7, NULL, 0);
    assert_int_equal(seen.framed, 1);
    assert_int_equal(seen.last_frame, WIRE_REFUSED);
    assert_int_equal(seen.left, 0);
    assert_null(script_find(SCRIPT_REMOVE)); /* as after END */
    script_pass(50);
    expect_gone();

    stream = box_in(BOX_RUNNING);
    script_frame(stream, WIRE_STARTED, 7, NULL, 0);
    script_frame(stream, WIRE_REFUSED, 7, NULL, 0); /* too late */
    check(seen.left == 1 && seen.leave.why.kind == ERR_PROTOCOL, "after STARTED");
    expect_gone();
}

static void is_removed_from_every_state(void **state)
{
    (void)state;
    for (int from = BOX_ATTACHING; from <= BOX_RESETTING; from++) {
        box_in((enum box_state)from);
        box_retire(&seen.box);
        box_retire(&seen.box); /* a second call is a no-op */
        assert_int_equal(seen.left, 0);
        expect_gone();
    }
}

/* A DELETE that reaches the engine before the container exists would find nothing, and the
 * container would remain. */
static void what_is_in_the_making_is_removed_when_it_is_made(void **state)
{
    (void)state;
    static const long answers[] = {201, 0, 500};
    for (size_t i = 0; i < COUNT(answers); i++) {
        box_in(BOX_CREATING);
        box_retire(&seen.box);
        box_retry_removal(&seen.box, false);
        assert_null(script_find(SCRIPT_REMOVE));
        script_answer(script_find(SCRIPT_CREATE), answers[i]);
        assert_int_equal(seen.left, 0);
        expect_gone();
    }
}

static void tells_when_a_call_fails(void **state)
{
    (void)state;
    static const long failures[] = {0, 404, 409, 500};
    for (size_t i = 0; i < COUNT(failures); i++) {
        box_in(BOX_CREATING);
        script_answer(script_find(SCRIPT_CREATE), failures[i]);
        assert_int_equal(seen.left, 1);
        assert_int_equal(seen.leave.from, BOX_CREATING);
        expect_gone();

        box_in(BOX_STARTING);
        script_answer(script_find(SCRIPT_START), failures[i]);
        assert_int_equal(seen.left, 1);
        assert_int_equal(seen.leave.from, BOX_STARTING);
        expect_gone();
    }
}

static void tells_when_its_stream_ends(void **state)
{
    (void)state;
    for (int from = BOX_ATTACHING; from <= BOX_READY; from++) {
        if (from == BOX_STARTING)
            continue;
        script_end_stream(box_in((enum box_state)from));
        assert_int_equal(seen.left, 1);
        assert_int_equal(seen.leave.from, from);
        expect_gone();
    }
}

/* The engine ends the stream of a box that it cannot start, and reports the reason only
 * afterwards. */
static void a_start_that_fails_is_told_in_the_engine_s_words(void **state)
{
    (void)state;
    static const struct {
        long status;
        enum error_kind kind;
    } answers[] = {{500, ERR_ENGINE}, {0, ERR_TIMEOUT}, {204, ERR_GONE}};
    for (size_t i = 0; i < COUNT(answers); i++) {
        script_end_stream(box_in(BOX_STARTING));
        assert_int_equal(seen.left, 0);
        assert_int_equal(seen.box.state, BOX_STARTING);
        script_answer(script_find(SCRIPT_START), answers[i].status);
        check(seen.left == 1 && seen.leave.why.kind == answers[i].kind &&
                  seen.leave.from == BOX_STARTING,
              "%ld", answers[i].status);
        expect_gone();
    }
    /* without an answer: the call's own deadline follows */
    script_end_stream(box_in(BOX_STARTING));
    script_pass(patience.start_ms);
    assert_int_equal(seen.leave.why.kind, ERR_TIMEOUT);
    expect_gone();
}

static void a_held_box_is_late_only_when_nobody_reads_for_long(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_RUNNING);
    box_hold(&seen.box, true);
    assert_true(stream->is_held);
    script_pass(6500); /* its deadline */
    assert_int_equal(seen.left, 0);
    script_pass(299999);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.leave.why.kind, ERR_BUSY);
    expect_gone();

    stream = box_in(BOX_RUNNING);
    box_hold(&seen.box, true);
    script_pass(10000);
    box_hold(&seen.box, false); /* init gets some time for its last frames */
    assert_false(stream->is_held);
    script_pass(4999);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.leave.why.kind, ERR_TIMEOUT);
    expect_gone();

    box_in(BOX_RUNNING);
    box_hold(&seen.box, true);
    box_hold(&seen.box, false); /* long before its deadline, which stays the same */
    script_pass(6499);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.left, 1);
    expect_gone();

    box_in(BOX_RUNNING);
    box_hold(&seen.box, true);
    box_retire(&seen.box); /* its stream is closed before its DELETE */
    expect_gone();
}

/* Only a reset leads back to READY. */
static void a_box_that_is_proven_clean_serves_again(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_RESETTING);
    assert_int_equal(seen.last_frame, WIRE_END);
    script_frame(stream, WIRE_READY, 0, NULL, 0);
    assert_int_equal(seen.box.state, BOX_READY);
    assert_int_equal(seen.ready, 2);
    assert_int_equal(seen.left, 0);
    assert_false(box_may_have_started(&seen.box)); /* the next run has certainly not started */
    assert_null(script_find(SCRIPT_REMOVE));

    struct buf run;
    const struct quota quota = {.stdout_bytes = 10, .stderr_bytes = 10};
    buf_init(&run, 100);
    wire_append(&run, WIRE_RUN, 8, "job", 3);
    box_run(&seen.box, 8, &run, quota, 6500);
    assert_false(box_may_have_started(&seen.box));
    script_frame(stream, WIRE_STARTED, 8, NULL, 0);
    script_frame(stream, WIRE_OUTPUT, 8, "\1ten bytes!", 11); /* each run has its own quota */
    script_frame(stream, WIRE_OUTPUT, 7, "\1late", 5);        /* a frame of the earlier run */
    check(seen.left == 1 && seen.leave.why.kind == ERR_PROTOCOL, "a frame of another run");
    expect_gone();
}

static void a_box_that_is_not_proven_clean_leaves(void **state)
{
    (void)state;
    box_in(BOX_RESETTING);
    script_pass(2999);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.leave.from, BOX_RESETTING);
    assert_int_equal(seen.leave.why.kind, ERR_TIMEOUT);
    expect_gone();

    struct attach *stream = box_in(BOX_RESETTING);
    script_frame(stream, WIRE_GONE, 0, "\0\53\0\0\0\5files", 11);
    assert_int_equal(seen.leave.why.kind, ERR_NONE);
    assert_string_equal(seen.leave.why.text, "files");
    expect_gone();

    stream = box_in(BOX_RESETTING);
    script_frame(stream, WIRE_GONE, 0, "x", 1);
    assert_string_equal(seen.leave.why.text, "unknown");
    expect_gone();

    script_end_stream(box_in(BOX_RESETTING)); /* no inspect call, because its run has ended */
    assert_int_equal(seen.left, 1);
    assert_null(script_find(SCRIPT_INSPECT));
    assert_int_equal(seen.leave.why.kind, ERR_GONE);
    expect_gone();
}

static void a_box_that_served_leaves_when_idle_or_old(void **state)
{
    (void)state;
    script_frame(box_in(BOX_RESETTING), WIRE_READY, 0, NULL, 0);
    script_pass(8999);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.leave.from, BOX_READY);
    assert_int_equal(seen.leave.why.kind, ERR_NONE);
    expect_gone();

    struct attach *stream = box_in(BOX_RUNNING);
    script_frame(stream, WIRE_STARTED, 7, NULL, 0);
    seen.box.born_ms -= 59000;
    keeps = true;
    say_end(stream);
    keeps = false;
    script_frame(stream, WIRE_READY, 0, NULL, 0);
    script_pass(999);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.left, 1);
    expect_gone();
}

/* A reset does not wait for a front that does not read its run's output. */
static void a_held_box_is_read_on_for_its_reset(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_RUNNING);
    script_frame(stream, WIRE_STARTED, 7, NULL, 0);
    box_hold(&seen.box, true);
    keeps = true;
    say_end(stream);
    keeps = false;
    assert_false(stream->is_held);
    script_frame(stream, WIRE_READY, 0, NULL, 0);
    assert_int_equal(seen.box.state, BOX_READY);
    box_retire(&seen.box);
    expect_gone();
}

/* The engine may still carry out a create call that timed out, after a DELETE has found nothing. */
static void a_create_without_an_answer_is_waited_for(void **state)
{
    (void)state;
    box_in(BOX_CREATING);
    script_answer(script_find(SCRIPT_CREATE), 0);
    assert_int_equal(seen.left, 1);
    for (int i = 0; i < 3; i++) {
        script_answer(script_find(SCRIPT_REMOVE), 404);
        assert_int_equal(seen.gone, 0);
        script_pass(400);
    }
    expect_gone(); /* now the container exists, and is removed */

    box_in(BOX_CREATING);
    script_answer(script_find(SCRIPT_CREATE), 0);
    script_pass(3000);
    script_answer(script_find(SCRIPT_REMOVE), 404); /* it would exist by now */
    assert_int_equal(seen.gone, 1);

    box_in(BOX_CREATING);
    script_answer(script_find(SCRIPT_CREATE), 0);
    script_answer(script_find(SCRIPT_REMOVE), 404);
    box_retry_removal(&seen.box, true);
    script_answer(script_find(SCRIPT_REMOVE), 404); /* the reaper looks again */
    assert_int_equal(seen.gone, 1);
    assert_int_equal(script_timer_count(), 0);
}

static void a_lost_run_gets_a_post_mortem(void **state)
{
    (void)state;
    script_end_stream(box_in(BOX_RUNNING));
    assert_int_equal(seen.left, 0);
    /* the engine's answer about the OOM kill would be lost with the container */
    assert_null(script_find(SCRIPT_REMOVE));
    script_answer(script_find(SCRIPT_INSPECT), 200);
    assert_int_equal(seen.left, 1);
    assert_int_equal(seen.leave.from, BOX_RUNNING);
    expect_gone();

    script_end_stream(box_in(BOX_RUNNING)); /* the engine does not answer */
    script_pass(2000);
    assert_int_equal(seen.left, 1);
    assert_null(script_find(SCRIPT_INSPECT));
    expect_gone();
}

static void a_ready_frame_proves_the_start(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_STARTING);
    script_frame(stream, WIRE_READY, 0, NULL, 0);
    assert_int_equal(seen.ready, 1);
    script_answer(script_find(SCRIPT_START), 0);
    assert_int_equal(seen.box.state, BOX_READY);
    box_retire(&seen.box);
    expect_gone();
}

static void every_wait_has_an_end(void **state)
{
    (void)state;
    box_in(BOX_STARTING);
    script_pass(patience.start_ms);
    assert_int_equal(seen.leave.why.kind, ERR_TIMEOUT);
    expect_gone();

    box_in(BOX_READY);
    script_pass(patience.age_ms);
    assert_int_equal(seen.leave.from, BOX_READY);
    assert_int_equal(seen.leave.why.kind, ERR_NONE); /* an end by age is not a failure */
    expect_gone();

    box_in(BOX_RUNNING);
    script_pass(6499);
    assert_int_equal(seen.left, 0);
    script_pass(1);
    assert_int_equal(seen.leave.why.kind, ERR_TIMEOUT);
    expect_gone();
}

static void a_removal_is_tried_until_it_holds(void **state)
{
    (void)state;
    static const long answers[] = {500, 409, 0, 500, 500, 500, 500, 500, 500};
    box_in(BOX_READY);
    box_retire(&seen.box);
    for (size_t i = 0; i < COUNT(answers); i++) {
        script_answer(script_find(SCRIPT_REMOVE), answers[i]);
        assert_null(script_find(SCRIPT_REMOVE));
        script_pass(2000);
    }
    assert_int_equal(seen.gone, 0);
    script_answer(script_find(SCRIPT_REMOVE), 404); /* another client has removed it */
    assert_int_equal(seen.gone, 1);
    assert_int_equal(script_timer_count(), 0);

    box_in(BOX_READY);
    box_retire(&seen.box);
    script_answer(script_find(SCRIPT_REMOVE), 500);
    box_retry_removal(&seen.box, false); /* the engine is back, so the removal is tried now */
    expect_gone();
}

static void a_wrong_frame_ends_the_box(void **state)
{
    (void)state;
    static const struct {
        enum box_state in;
        enum wire_type type;
        uint64_t run_id;
        const char *payload;
    } rows[] = {
        {BOX_STARTING, WIRE_STARTED, 0, ""},
        {BOX_STARTING, WIRE_READY, 1, ""},
        {BOX_READY, WIRE_READY, 0, ""},
        {BOX_READY, WIRE_OUTPUT, 7, "\1a"},
        {BOX_RUNNING, WIRE_READY, 0, ""},
        {BOX_RUNNING, WIRE_OUTPUT, 7, "\1a"}, /* no STARTED */
        {BOX_RUNNING, WIRE_STARTED, 8, ""},
        {BOX_RUNNING, WIRE_REFUSED, 8, ""},
        {BOX_RUNNING, WIRE_GONE, 0, "reason"},
        {BOX_READY, WIRE_GONE, 0, ""},
        {BOX_STARTING, WIRE_GONE, 0, ""},
        {BOX_RESETTING, WIRE_READY, 7, ""},
        {BOX_RESETTING, WIRE_GONE, 7, ""},
        {BOX_RESETTING, WIRE_END, 7, ""},
        {BOX_RESETTING, WIRE_OUTPUT, 7, "\1a"},
        {BOX_RESETTING, WIRE_STARTED, 7, ""},
        {BOX_RESETTING, WIRE_REFUSED, 7, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct attach *stream = box_in(rows[i].in);
        script_frame(stream, rows[i].type, rows[i].run_id, rows[i].payload,
                     strlen(rows[i].payload));
        check(seen.left == 1 && seen.leave.why.kind == ERR_PROTOCOL, "row %zu", i);
        expect_gone();
    }
    static const char *const outputs[] = {"", "\3x", "\1more than ten", "\2more than ten"};
    for (size_t i = 0; i < COUNT(outputs); i++) {
        struct attach *stream = box_in(BOX_RUNNING);
        script_frame(stream, WIRE_STARTED, 7, NULL, 0);
        script_frame(stream, WIRE_OUTPUT, 7, outputs[i], strlen(outputs[i]));
        check(seen.left == 1 && seen.leave.why.kind == ERR_PROTOCOL, "output %zu", i);
        expect_gone();
    }
}

static bool is_of_init(enum wire_type type)
{
    static const enum wire_type types[] = {WIRE_READY,   WIRE_STARTED, WIRE_OUTPUT, WIRE_FILE,
                                           WIRE_DISPLAY, WIRE_END,     WIRE_REFUSED};
    size_t i = 0;
    while (i < COUNT(types) && types[i] != type)
        i++;
    return i < COUNT(types);
}

static void a_frame_that_init_never_sends_ends_the_box(void **state)
{
    (void)state;
    for (unsigned number = 0; number <= UINT8_MAX; number++) {
        enum wire_type type = (enum wire_type)number;
        if (strcmp(wire_type_name(type), "unknown") == 0 || is_of_init(type))
            continue;
        struct attach *stream = box_in(BOX_RUNNING);
        script_frame(stream, WIRE_STARTED, 7, NULL, 0);
        script_frame(stream, type, 7, NULL, 0);
        check(seen.left == 1 && seen.leave.why.kind == ERR_PROTOCOL, "%s", wire_type_name(type));
        expect_gone();
    }
}

static void bytes_that_are_no_frames_end_the_box(void **state)
{
    (void)state;
    struct attach *stream = box_in(BOX_RUNNING);
    script_say(stream, DEMUX_STDOUT, "\xff", 1);
    assert_int_equal(seen.leave.why.kind, ERR_PROTOCOL);
    expect_gone();

    stream = box_in(BOX_RUNNING);
    stream->events->on_received(stream->arg, (const uint8_t *)"HTTP/1.1",
                                8); /* not the engine's format */
    assert_int_equal(seen.leave.why.kind, ERR_PROTOCOL);
    expect_gone();
}

static void frames_may_come_in_any_pieces(void **state)
{
    (void)state;
    struct buf frames;
    buf_init(&frames, 4096);
    wire_append(&frames, WIRE_STARTED, 7, NULL, 0);
    wire_append(&frames, WIRE_OUTPUT, 7, "\1abc", 4);
    wire_append(&frames, WIRE_OUTPUT, 7, "\2d", 2);
    for (size_t cut = 1; cut < frames.len; cut++) {
        struct attach *stream = box_in(BOX_RUNNING);
        script_say(stream, DEMUX_STDOUT, buf_bytes(&frames).data, cut);
        script_say(stream, DEMUX_STDERR, "a word of init's\n", 17);
        script_say(stream, DEMUX_STDOUT, buf_bytes(&frames).data + cut, frames.len - cut);
        check(seen.framed == 3 && seen.left == 0, "cut at %zu", cut);
        box_retire(&seen.box);
        expect_gone();
    }
    buf_release(&frames);
}

int main(void)
{
    log_init("test", LOG_FORMAT_JSON, LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_its_life),
        cmocka_unit_test(a_run_may_be_refused_instead),
        cmocka_unit_test(is_removed_from_every_state),
        cmocka_unit_test(what_is_in_the_making_is_removed_when_it_is_made),
        cmocka_unit_test(tells_when_a_call_fails),
        cmocka_unit_test(tells_when_its_stream_ends),
        cmocka_unit_test(a_start_that_fails_is_told_in_the_engine_s_words),
        cmocka_unit_test(a_held_box_is_late_only_when_nobody_reads_for_long),
        cmocka_unit_test(a_create_without_an_answer_is_waited_for),
        cmocka_unit_test(a_lost_run_gets_a_post_mortem),
        cmocka_unit_test(a_box_that_is_proven_clean_serves_again),
        cmocka_unit_test(a_box_that_is_not_proven_clean_leaves),
        cmocka_unit_test(a_box_that_served_leaves_when_idle_or_old),
        cmocka_unit_test(a_held_box_is_read_on_for_its_reset),
        cmocka_unit_test(a_ready_frame_proves_the_start),
        cmocka_unit_test(every_wait_has_an_end),
        cmocka_unit_test(a_removal_is_tried_until_it_holds),
        cmocka_unit_test(a_wrong_frame_ends_the_box),
        cmocka_unit_test(a_frame_that_init_never_sends_ends_the_box),
        cmocka_unit_test(bytes_that_are_no_frames_end_the_box),
        cmocka_unit_test(frames_may_come_in_any_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
