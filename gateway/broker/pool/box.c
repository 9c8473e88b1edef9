#include "broker/pool/box_exit.h"

#include "common/clock.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

/* How long a box that nobody reads is kept past its deadline, and what init has to catch up. Init's
 * own patience with its reader is longer (LEAVE_MS in life.c). */
#define HELD_MOST_MS 300000
#define CATCH_UP_MS 5000
/* Storage that a large frame has left. */
#define IDLE_BYTES ((size_t)64 << 10)

/* ---- CREATING ---- */

static const struct http_stream_events stream_events;

static void on_ready_late(void *arg)
{
    box_give_up_because(arg, ERR_TIMEOUT, "a box did not become ready in time");
}

static void on_created(void *arg, const struct docker_result *result, const char *id)
{
    struct box *box = arg;
    box->call = NULL;
    box->may_come = result->status == 0 && !result->unsent;
    if (box->state == BOX_REMOVING) {
        box_remove(box);
        return;
    }
    if (result->error.kind != ERR_NONE) {
        box_give_up(box, &result->error);
        return;
    }
    snprintf(box->id, sizeof(box->id), "%s", id);
    box_move(box, BOX_ATTACHING);
    struct error err;
    box->stream = docker_attach(box->docker, box->id, &stream_events, box, &err);
    if (!box->stream)
        box_give_up(box, &err);
}

void box_create(struct box *box, struct loop *loop, struct docker *docker, const char *name,
                struct bytes json, const struct box_patience *patience,
                const struct box_events *events, void *arg)
{
    box->state = BOX_CREATING;
    box->loop = loop;
    box->docker = docker;
    box->events = events;
    box->arg = arg;
    box->patience = *patience;
    box->born_ms = clock_now_ms();
    box->timer.arg = box;
    snprintf(box->name, sizeof(box->name), "%s", name);
    buf_init(&box->in, BOX_FRAME_MAX_BYTES + WIRE_HEADER_BYTES);
    box->call = docker_create(docker, name, json, on_created, box);
    if (!box->call) {
        box->timer.fire = on_ready_late; /* not before this returns */
        timer_start(loop, &box->timer, 0);
    }
}

/* ---- ATTACHING, STARTING ---- */

static void on_start_answered(void *arg, const struct docker_result *result)
{
    struct box *box = arg;
    box->call = NULL;
    /* A box that is READY by now has proved the start, whatever became of the answer. */
    if (box->state != BOX_STARTING)
        return;
    if (result->error.kind != ERR_NONE)
        box_give_up(box, &result->error);
    else if (box->has_ended)
        box_give_up_because(box, ERR_GONE, "a box ended before it was ready");
}

static void on_opened(void *arg)
{
    struct box *box = arg;
    box_move(box, BOX_STARTING);
    box->timer.fire = on_ready_late;
    timer_start(box->loop, &box->timer, box->patience.start_ms);
    box->call = docker_start(box->docker, box->id, on_start_answered, box);
    if (!box->call)
        box_give_up_because(box, ERR_SYSTEM, "out of memory");
}

/* ---- READY ---- */

static void on_aged(void *arg)
{
    box_give_up_because(arg, ERR_NONE, "age");
}

static void become_ready(struct box *box)
{
    box_move(box, BOX_READY);
    box->ready_ms = clock_now_ms();
    /* Boxes that became ready together do not leave together: up to an eighth earlier, by slot. */
    uint32_t age_ms = box->patience.age_ms;
    uint32_t earlier_ms = age_ms / 8 / 16 * (box->slot % 16);
    box->timer.fire = on_aged;
    timer_start(box->loop, &box->timer, age_ms - earlier_ms);
    box->events->ready(box->arg, box);
}

/* ---- RUNNING ---- */

static void on_held_late(void *arg)
{
    box_give_up_because(arg, ERR_BUSY, "nobody took what the box had to say in time");
}

static void on_run_late(void *arg)
{
    struct box *box = arg;
    if (!box->is_held) {
        box_give_up_because(box, ERR_TIMEOUT, "the box did not report the end of the run in time");
        return;
    }
    box->timer.fire = on_held_late;
    timer_start(box->loop, &box->timer, HELD_MOST_MS);
}

/* Each end of a hold means that the front took some more of what is a bounded output. */
void box_hold(struct box *box, bool hold)
{
    if (box->state != BOX_RUNNING || !box->stream || box->is_held == hold)
        return;
    box->is_held = hold;
    http_stream_hold(box->stream, hold);
    bool is_late = box->timer.fire == on_held_late;
    if (hold || (!is_late && box->timer.deadline_ms > clock_now_ms() + CATCH_UP_MS))
        return;
    box->timer.fire = on_run_late;
    timer_start(box->loop, &box->timer, CATCH_UP_MS);
}

void box_run(struct box *box, uint64_t run_id, struct buf *frame, struct quota quota,
             uint32_t deadline_ms)
{
    box_move(box, BOX_RUNNING);
    box->run_id = run_id;
    box->quota = quota;
    box->timer.fire = on_run_late;
    timer_start(box->loop, &box->timer, deadline_ms);
    http_stream_send(box->stream, frame);
}

bool box_may_have_started(const struct box *box)
{
    return box->delivered || box->run_started;
}

/* Before STARTED nothing of the run can come, after END nothing at all. */
static bool frame_is_expected(const struct box *box, const struct frame *frame)
{
    if (box->state == BOX_STARTING)
        return frame->type == WIRE_READY && frame->run_id == 0;
    if (box->state != BOX_RUNNING || frame->run_id != box->run_id)
        return false;
    if (!box->run_started)
        return frame->type == WIRE_STARTED || frame->type == WIRE_REFUSED;
    return frame->type == WIRE_OUTPUT || frame->type == WIRE_FILE || frame->type == WIRE_DISPLAY ||
           frame->type == WIRE_END;
}

static void take_frame(struct box *box, const struct frame *frame)
{
    /* The program cannot speak for init; still, a front must never see what it would refuse. */
    if (!frame_is_expected(box, frame) || !quota_take_frame(&box->quota, frame)) {
        struct error why;
        error_set(&why, ERR_PROTOCOL, "init sent a wrong frame \"%s\" while the box was %s",
                  wire_type_name(frame->type), box_state_name(box->state));
        box_give_up(box, &why);
        return;
    }
    if (frame->type == WIRE_READY) {
        become_ready(box);
        return;
    }
    bool is_last = frame->type == WIRE_END || frame->type == WIRE_REFUSED;
    box->run_started = frame->type != WIRE_REFUSED;
    box->events->framed(box->arg, box, frame);
    if (is_last && box->state < BOX_REMOVING)
        box_rest(box);
}

static void take_frames(struct box *box, struct bytes piece)
{
    if (!buf_append(&box->in, piece.data, piece.len)) {
        box_give_up_because(box, ERR_PROTOCOL, "init sent too long a frame");
        return;
    }
    while (box->state < BOX_REMOVING) {
        struct frame frame;
        size_t used;
        struct bytes in = buf_bytes(&box->in);
        enum wire_result result = wire_parse(in.data, in.len, BOX_FRAME_MAX_BYTES, &frame, &used);
        if (result == WIRE_MORE)
            return;
        if (result == WIRE_BAD) {
            box_give_up_because(box, ERR_PROTOCOL, "init sent no frame");
            return;
        }
        take_frame(box, &frame);
        buf_consume(&box->in, used); /* harmless after let_go: the buffer is empty then */
        if (used > IDLE_BYTES)
            buf_trim(&box->in);
    }
}

/* What init or the engine says to people, in their logs. */
static void log_said(const struct box *box, enum demux_stream stream, struct bytes piece)
{
    char text[200];
    snprintf(text, sizeof(text), "%.*s", (int)piece.len, (const char *)piece.data);
    text[strcspn(text, "\n")] = '\0';
    log_event(LOG_WARNING, "box_said", LOG_STR("box", box->name),
              LOG_STR("by", stream == DEMUX_STDERR ? "init" : "engine"), LOG_STR("text", text),
              LOG_END);
}

static void on_received(void *arg, const uint8_t *data, size_t len)
{
    struct box *box = arg;
    struct bytes rest = bytes_of(data, len), piece;
    enum demux_stream stream;
    while (box->state < BOX_REMOVING) {
        enum demux_result result = demux_next(&box->demux, &rest, &stream, &piece);
        if (result == DEMUX_MORE)
            return;
        if (result == DEMUX_BAD)
            box_give_up_because(box, ERR_PROTOCOL, "the engine's attach stream is malformed");
        else if (stream == DEMUX_STDOUT)
            take_frames(box, piece);
        else
            log_said(box, stream, piece);
    }
}

static void on_closed(void *arg, const struct error *why)
{
    struct box *box = arg;
    box->stream = NULL;
    /* The engine ends the stream of a box that it cannot start before it says why. */
    box->has_ended = box->state == BOX_STARTING && box->call;
    if (!box->has_ended)
        box_give_up(box, why);
}

static void on_sent(void *arg)
{
    struct box *box = arg;
    box->delivered = true;
    box->events->delivered(box->arg, box);
}

static const struct http_stream_events stream_events = {
    .opened = on_opened, .received = on_received, .sent = on_sent, .closed = on_closed};
