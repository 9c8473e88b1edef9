#include "broker/pool/box_exit.h"

#include "common/clock.h"
#include "common/log.h"

/* A post-mortem that takes longer is not worth the client's wait. */
#define INSPECT_DEADLINE_MS 1000
#define REMOVE_WAIT_FIRST_MS 50
#define REMOVE_WAIT_MOST_MS 2000
/* A container whose create was not answered may come to be for so many of the engine's calls. */
#define LATE_CREATE_CALLS 3

static void remove_now(void *arg)
{
    box_remove(arg);
}

static void remove_later(struct box *box);
static void on_removed(void *arg, const struct docker_result *result);

/* The stream first: the engine answers no DELETE while an attach stream is open and unread. */
static void let_go(struct box *box)
{
    timer_stop(box->loop, &box->timer);
    if (box->stream)
        http_stream_close(box->stream);
    box->stream = NULL;
    docker_cancel(box->call);
    box->call = NULL;
    buf_release(&box->in);
}

void box_retire(struct box *box)
{
    if (box->state >= BOX_REMOVING)
        return;
    /* The engine goes on making it; until it has, there is nothing to remove. */
    bool in_the_making = box->state == BOX_CREATING && box->call;
    box_move(box, BOX_REMOVING);
    if (in_the_making)
        return;
    remove_now(box);
}

static void tell_left(struct box *box, enum box_state from, bool oom_killed)
{
    struct box_leave leave = {.from = from, .oom_killed = oom_killed, .why = box->why};
    box->events->left(box->arg, box, &leave);
}

static void after_post_mortem(struct box *box, bool oom_killed)
{
    remove_now(box); /* and an inspection that is late is cancelled */
    tell_left(box, BOX_RUNNING, oom_killed);
}

static void on_inspected(void *arg, const struct docker_result *result, bool oom_killed)
{
    struct box *box = arg;
    box->call = NULL;
    after_post_mortem(box, result->error.kind == ERR_NONE && oom_killed);
}

static void on_inspect_late(void *arg)
{
    after_post_mortem(arg, false);
}

/* Was it the OOM killer, striking init itself? The engine knows, until the container is removed. */
static void post_mortem(struct box *box)
{
    box->timer.fire = on_inspect_late;
    timer_start(box->loop, &box->timer, INSPECT_DEADLINE_MS);
    box->call = docker_inspect(box->docker, box->id, on_inspected, box);
    if (!box->call)
        timer_start(box->loop, &box->timer, 0);
}

/* Leave by itself. A stream that ended under a run gets a post-mortem. */
void box_give_up(struct box *box, const struct error *why)
{
    enum box_state from = box->state;
    if (from >= BOX_REMOVING)
        return;
    box->why = *why;
    let_go(box);
    box_move(box, BOX_REMOVING);
    if (from == BOX_RUNNING && why->kind == ERR_GONE) {
        post_mortem(box);
        return;
    }
    remove_now(box);
    tell_left(box, from, false);
}

void box_give_up_because(struct box *box, enum error_kind kind, const char *text)
{
    struct error why;
    error_set(&why, kind, "%s", text);
    box_give_up(box, &why);
}

/* After its END a box ends by itself, a little later or when its stream does. Either would take a
 * core from the answer that is on its way; and what has ended is removed at less cost. */
void box_rest(struct box *box)
{
    box_move(box, BOX_REMOVING);
    remove_later(box);
}

/* ---- REMOVING ---- */

static void remove_later(struct box *box)
{
    box->remove_wait_ms = box->remove_wait_ms ? box->remove_wait_ms * 2 : REMOVE_WAIT_FIRST_MS;
    if (box->remove_wait_ms > REMOVE_WAIT_MOST_MS)
        box->remove_wait_ms = REMOVE_WAIT_MOST_MS;
    box->timer.fire = remove_now;
    timer_start(box->loop, &box->timer, box->remove_wait_ms);
}

void box_remove(struct box *box)
{
    let_go(box);
    box->call = docker_remove(box->docker, box->name, on_removed, box);
    if (!box->call)
        remove_later(box);
}

/* A request to create that was given up may still be carried out, and a DELETE that came before it
 * found nothing. */
static bool may_come_yet(const struct box *box)
{
    uint64_t late_ms = LATE_CREATE_CALLS * (uint64_t)box->patience.call_ms;
    return box->may_come && clock_now_ms() < box->born_ms + late_ms;
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
        /* 409 is a removal under way by somebody else: soon a 404. */
        log_event(result->status == 409 ? LOG_DEBUG : LOG_WARNING, "box_remove_failed",
                  LOG_STR("box", box->name), LOG_STR("error", result->error.text), LOG_END);
        remove_later(box);
        return;
    }
    box_move(box, BOX_GONE);
    box->events->gone(box->arg, box);
}

void box_retry_removal(struct box *box, bool is_last)
{
    if (is_last)
        box->may_come = false;
    if (box->state == BOX_REMOVING && !box->call && box->timer.fire == remove_now) {
        box->remove_wait_ms = 0;
        timer_stop(box->loop, &box->timer);
        remove_now(box);
    }
}

void box_release(struct box *box)
{
    let_go(box);
}
