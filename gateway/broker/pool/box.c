/* One subject of more than 400 lines: the states of box.h in the order of a life, after the
 * functions by which a box leaves any state. The engine's answer may find a box in any state. */
#include "broker/pool/box.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

/* A held box is kept for HELD_MOST_MS after its deadline. After a hold, init has CATCH_UP_MS to
 * send the rest. Init itself waits longer for its reader (LEAVE_MS in life.h). */
#define HELD_MOST_MS 300000
#define CATCH_UP_MS 5000
/* The client should not wait longer than this for the inspect call after a box has ended. */
#define INSPECT_DEADLINE_MS 1000
#define REMOVE_WAIT_FIRST_MS 50
#define REMOVE_WAIT_MOST_MS 2000
/* Init took up to 124 ms to end and reap 200 processes. With the smallest share of a CPU, a
 * twentieth, this takes twenty times as long. */
#define RESET_DEADLINE_MS 3000

static void wait_for(struct box *box, void (*on_due)(void *arg), uint32_t ms)
{
    box->timer.on_due = on_due;
    timer_start(box->timers, &box->timer, ms);
}

/* ---- REMOVING ---- */

static void remove_now(void *arg);
static bool move_to(struct box *box, enum box_state state);

/* Close the stream first: the engine answers no DELETE while its attach stream is unread. */
static void let_go(struct box *box)
{
    timer_stop(box->timers, &box->timer);
    if (box->stream)
        attach_close(box->stream);
    box->stream = NULL;
    docker_cancel(box->call);
    box->call = NULL;
    hearing_release(&box->hearing);
}

static void remove_later(struct box *box)
{
    wait_for(box, remove_now, backoff_next(&box->removal));
}

/* Returns true if the container may still be made. The engine may execute a create after we have
 * stopped waiting for it, and after a DELETE that found no container. */
static bool may_come_yet(const struct box *box)
{
    return box->may_come && clock_now_ms() < box->born_ms + patience_create_ms(&box->patience);
}

static void on_removed(void *arg, const struct docker_result *result)
{
    struct box *box = arg;
    box->call = NULL;
    if (result->missing && may_come_yet(box)) {
        remove_later(box);
        return;
    }
    if (result->error.kind != ERR_NONE && !result->missing) {
        /* 409 means that another removal is in progress. A retry soon gets 404. */
        log_event(result->status == 409 ? LOG_DEBUG : LOG_WARNING, "box_remove_failed",
                  LOG_STR("box", box->name), LOG_STR("error", result->error.text), LOG_END);
        remove_later(box);
        return;
    }
    if (move_to(box, BOX_GONE))
        box->events->on_gone(box->arg, box);
}

static void remove_now(void *arg)
{
    struct box *box = arg;
    let_go(box);
    box->call = docker_remove(box->docker, box->name, on_removed, box);
    if (!box->call)
        remove_later(box);
}

void box_retry_removal(struct box *box, bool is_last)
{
    if (is_last)
        box->may_come = false;
    if (box->state == BOX_REMOVING && !box->call && box->timer.on_due == remove_now) {
        backoff_reset(&box->removal);
        timer_stop(box->timers, &box->timer);
        remove_now(box);
    }
}

/* ---- the way out ---- */

void box_retire(struct box *box)
{
    if (box->state >= BOX_REMOVING)
        return;
    /* The engine is still making the container. Until that is done, there is nothing to remove. */
    bool in_the_making = box->state == BOX_CREATING && box->call;
    move_to(box, BOX_REMOVING);
    if (!in_the_making)
        remove_now(box);
}

/* Move to REMOVING and report it. This also cancels an inspection that takes too long. */
static void leave(struct box *box, bool oom_killed, bool has_engine)
{
    struct box_leave how = {
        .from = box->left, .oom_killed = oom_killed, .lost_engine = !has_engine, .why = box->why};
    remove_now(box);
    box->events->on_left(box->arg, box, &how);
}

static void on_inspected(void *arg, const struct docker_result *result, bool oom_killed)
{
    struct box *box = arg;
    bool is_known = result->error.kind == ERR_NONE;
    box->call = NULL;
    leave(box, is_known && oom_killed, is_known || result->missing);
}

static void on_leave_due(void *arg)
{
    struct box *box = arg;
    leave(box, false, !box->call);
}

/* Ask whether the OOM killer killed init itself. The engine can answer this until the removal. */
static void begin_post_mortem(struct box *box)
{
    box->call = docker_inspect(box->docker, box->id, on_inspected, box);
    wait_for(box, on_leave_due, box->call ? INSPECT_DEADLINE_MS : 0);
}

/* Remove the box without an order from the pool. If the stream ended during a run or in a session,
 * first ask the engine for the cause. No-op if the box is REMOVING or GONE. */
static void give_up(struct box *box, const struct error *why)
{
    if (box->state >= BOX_REMOVING)
        return;
    box->left = box->state;
    box->why = *why;
    let_go(box);
    move_to(box, BOX_REMOVING);
    bool is_of_interest = box->left == BOX_RUNNING || box->tenure.is_leased;
    if (is_of_interest && why->kind == ERR_GONE)
        begin_post_mortem(box);
    else
        leave(box, false, true);
}

static void give_up_because(struct box *box, enum error_kind kind, const char *text)
{
    struct error why;
    error_set(&why, kind, "%s", text);
    give_up(box, &why);
}

/* Change the state. After an illegal move the box is useless: it makes no further calls, and
 * on_left follows after the caller has returned. */
static bool move_to(struct box *box, enum box_state state)
{
    if (box_move(box, state))
        return true;
    if (box->state >= BOX_REMOVING)
        return false;
    box->may_come |= box->state == BOX_CREATING;
    box->left = box->state;
    error_set(&box->why, ERR_SYSTEM, "a bug of this program: the state of the box is unknown");
    let_go(box);
    box_move(box, BOX_REMOVING);
    wait_for(box, on_leave_due, 0);
    return false;
}

/* ---- CREATING ---- */

static const struct attach_events stream_events;

static void on_ready_late(void *arg)
{
    give_up_because(arg, ERR_TIMEOUT, "a box did not become ready in time");
}

static void on_created(void *arg, const struct docker_result *result, const char *id)
{
    struct box *box = arg;
    box->call = NULL;
    box->may_come = result->status == 0 && !result->unsent;
    if (box->state == BOX_REMOVING) {
        remove_now(box);
        return;
    }
    if (result->error.kind != ERR_NONE) {
        give_up(box, &result->error);
        return;
    }
    snprintf(box->id, sizeof box->id, "%s", id);
    if (!move_to(box, BOX_ATTACHING))
        return;
    struct error err;
    box->stream = docker_attach(box->docker, box->id, &stream_events, box, &err);
    if (!box->stream)
        give_up(box, &err);
}

void box_create(struct box *box, struct timers *timers, struct docker *docker, const char *name,
                struct bytes json, const struct box_patience *patience,
                const struct box_events *events, void *arg)
{
    box->state = BOX_CREATING;
    box->timers = timers;
    box->docker = docker;
    box->events = events;
    box->arg = arg;
    box->patience = *patience;
    box->born_ms = clock_now_ms();
    box->timer.arg = box;
    snprintf(box->name, sizeof box->name, "%s", name);
    box->removal =
        (struct backoff){.first_ms = REMOVE_WAIT_FIRST_MS, .most_ms = REMOVE_WAIT_MOST_MS};
    hearing_init(&box->hearing, BOX_FRAME_MAX_BYTES);
    box->call = docker_create(docker, name, json, on_created, box);
    if (!box->call)
        wait_for(box, on_ready_late, 0); /* give up, but in a later turn */
}

/* ---- ATTACHING, STARTING ---- */

static void on_start_answered(void *arg, const struct docker_result *result)
{
    struct box *box = arg;
    box->call = NULL;
    /* A box that is READY by now has started, even if the answer failed. */
    if (box->state != BOX_STARTING)
        return;
    if (result->error.kind != ERR_NONE)
        give_up(box, &result->error);
    else if (box->has_ended)
        give_up_because(box, ERR_GONE, "a box ended before it was ready");
}

static void on_opened(void *arg)
{
    struct box *box = arg;
    if (!move_to(box, BOX_STARTING))
        return;
    wait_for(box, on_ready_late, box->patience.start_ms);
    box->call = docker_start(box->docker, box->id, on_start_answered, box);
    if (!box->call)
        give_up_because(box, ERR_SYSTEM, "the gateway is out of memory");
}

/* ---- READY ---- */

static void on_aged(void *arg)
{
    give_up_because(arg, ERR_NONE, "age");
}

static void become_ready(struct box *box)
{
    bool is_fresh = box->state == BOX_STARTING;
    if (!move_to(box, BOX_READY))
        return;
    box->ready_ms = clock_now_ms();
    box->delivered = box->run_started = false;
    wait_for(box, on_aged,
             is_fresh ? patience_fresh_ms(&box->patience, box->slot)
                      : patience_idle_ms(&box->patience, box->ready_ms - box->born_ms));
    box->events->on_ready(box->arg, box);
}

/* ---- RUNNING ---- */

static void on_held_late(void *arg)
{
    give_up_because(arg, ERR_BUSY, "the box's output was not read in time");
}

static void on_run_late(void *arg)
{
    struct box *box = arg;
    if (box->is_held)
        wait_for(box, on_held_late, HELD_MOST_MS);
    else
        give_up_because(box, ERR_TIMEOUT, "the box did not report the end of the run in time");
}

/* The end of a hold can put off the deadline, but only a few times: before each end, the front has
 * read more of a limited output. */
void box_hold(struct box *box, bool hold)
{
    if (box->state != BOX_RUNNING || !box->stream || box->is_held == hold)
        return;
    box->is_held = hold;
    attach_hold(box->stream, hold);
    bool is_late = box->timer.on_due == on_held_late;
    if (!hold && (is_late || box->timer.deadline_ms <= clock_now_ms() + CATCH_UP_MS))
        wait_for(box, on_run_late, CATCH_UP_MS);
}

void box_run(struct box *box, uint64_t run_id, struct buf *frame, struct quota quota,
             uint32_t deadline_ms)
{
    if (!move_to(box, BOX_RUNNING)) {
        buf_release(frame);
        return;
    }
    box->run_id = run_id;
    box->quota = quota;
    wait_for(box, on_run_late, deadline_ms);
    box->must_interrupt = false;
    if (!attach_send(box->stream, frame)) /* an earlier interrupt still waits in the stream */
        wait_for(box, on_run_late, 0);
    buf_release(frame);
}

/* The stream takes one frame at a time. A RUN frame that is being written comes first. */
void box_interrupt(struct box *box)
{
    struct buf frame;
    if (box->state != BOX_RUNNING || !box->stream)
        return;
    buf_init(&frame, WIRE_HEADER_BYTES);
    box->must_interrupt = !wire_append(&frame, WIRE_INTERRUPT, box->run_id, NULL, 0) ||
                          !attach_send(box->stream, &frame);
    buf_release(&frame);
}

bool box_may_have_started(const struct box *box)
{
    return box->delivered || box->run_started;
}

/* After END the container exits by itself. Removing it now would take CPU time while the answer is
 * still being sent, and a container that has exited is cheaper to remove. */
static void rest(struct box *box)
{
    move_to(box, BOX_REMOVING);
    remove_later(box);
}

/* ---- RESETTING ---- */

static void on_reset_late(void *arg)
{
    give_up_because(arg, ERR_TIMEOUT, "the box did not report in time that it is clean");
}

/* Even if the front has not read all of the run's output, it does not hold the box any more. */
void box_reset(struct box *box)
{
    box_hold(box, false);
    if (move_to(box, BOX_RESETTING))
        wait_for(box, on_reset_late, RESET_DEADLINE_MS);
}

static void give_up_unclean(struct box *box, struct bytes payload)
{
    char word[32];
    struct bytes text = bytes_of_string("unknown");
    job_next(&payload, WIRE_TAG_TEXT, &text);
    bytes_copy_cut(word, sizeof word, text);
    give_up_because(box, ERR_NONE, word);
}

static void take_frame(struct box *box, const struct frame *frame)
{
    /* The program cannot write init's frames. Still, fronts must get only valid ones. */
    if (!box_expects(box, frame) || !quota_take_frame(&box->quota, frame)) {
        struct error why;
        error_set(&why, ERR_PROTOCOL, "init sent a wrong frame \"%s\" while the box was %s",
                  wire_type_name(frame->type), box_state_name(box->state));
        give_up(box, &why);
        return;
    }
    if (frame->type == WIRE_READY) {
        become_ready(box);
        return;
    }
    if (frame->type == WIRE_GONE) {
        give_up_unclean(box, frame->payload);
        return;
    }
    bool is_last = frame->type == WIRE_END || frame->type == WIRE_REFUSED;
    box->run_started = frame->type != WIRE_REFUSED;
    box->events->on_framed(box->arg, box, frame);
    if (is_last && box->state == BOX_RUNNING)
        rest(box);
}

static void log_said(const struct box *box, const struct said *said)
{
    char text[200];
    bytes_copy_cut(text, sizeof text, said->text);
    text[strcspn(text, "\n")] = '\0';
    log_event(LOG_WARNING, "box_said", LOG_STR("box", box->name), LOG_STR("by", said->by),
              LOG_STR("text", text), LOG_END);
}

static void on_received(void *arg, const uint8_t *data, size_t len)
{
    struct box *box = arg;
    struct bytes rest = bytes_of(data, len);
    struct said said;
    while (box->state < BOX_REMOVING) {
        enum heard heard = hearing_next(&box->hearing, &rest, &said);
        if (heard == HEARD_NOTHING)
            return;
        if (heard == HEARD_FRAME)
            take_frame(box, &said.frame);
        else if (heard == HEARD_TEXT)
            log_said(box, &said);
        else
            give_up_because(box, ERR_PROTOCOL, said.fault);
    }
}

static void on_closed(void *arg, const struct error *why)
{
    struct box *box = arg;
    box->stream = NULL;
    /* If the engine cannot start a box, it ends the stream before it says why. */
    box->has_ended = box->state == BOX_STARTING && box->call;
    if (!box->has_ended)
        give_up(box, why);
}

static void on_sent(void *arg)
{
    struct box *box = arg;
    box->delivered = true;
    if (box->must_interrupt)
        box_interrupt(box);
    box->events->on_delivered(box->arg, box);
}

static const struct attach_events stream_events = {
    .on_opened = on_opened, .on_received = on_received, .on_sent = on_sent, .on_closed = on_closed};

void box_release(struct box *box)
{
    let_go(box);
}
