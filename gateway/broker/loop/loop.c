#include "broker/loop/loop.h"

#include <errno.h>
#include <stdlib.h>

/* The longest poll. The value does not matter, because timers and descriptors end a poll
 * earlier. */
#define LOOP_IDLE_MS 10000

struct loop {
    struct watches watches; /* the first member */
    CURLM *multi;
    struct timers timers;
    struct watch *watches_on[LOOP_WATCHES_MAX]; /* NULL: unused */
    void (*on_worked)(void *arg);
    void *worked_arg;
    void (*on_turned)(void *arg);
    void *turned_arg;
    bool stopped;
};

/* ---- watches ---- */

/* Returns the place of a watch; with NULL, an unused place. Returns NULL when there is none. */
static struct watch **place_of(struct loop *loop, const struct watch *watch)
{
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        if (loop->watches_on[i] == watch)
            return &loop->watches_on[i];
    }
    return NULL;
}

static bool start_watch(struct watches *watches, struct watch *watch, short events)
{
    struct loop *loop = (struct loop *)watches;
    if (!watch->is_on) {
        struct watch **place = place_of(loop, NULL);
        if (!place) {
            errno = ENOSPC;
            return false;
        }
        *place = watch;
    }
    watch->is_on = true;
    watch->events = events;
    return true;
}

static void stop_watch(struct watches *watches, struct watch *watch)
{
    struct loop *loop = (struct loop *)watches;
    if (watch->is_on)
        *place_of(loop, watch) = NULL;
    watch->is_on = false;
}

/* ---- the interface ---- */

struct loop *loop_new(struct error *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    CURLM *multi = loop ? curl_multi_init() : NULL;
    if (!multi) {
        free(loop);
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    loop->multi = multi;
    loop->watches = (struct watches){.start = start_watch, .stop = stop_watch};
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    curl_multi_cleanup(loop->multi);
    free(loop);
}

CURLM *loop_multi(struct loop *loop)
{
    return loop->multi;
}

struct timers *loop_timers(struct loop *loop)
{
    return &loop->timers;
}

struct watches *loop_watches(struct loop *loop)
{
    return &loop->watches;
}

void loop_set_transfers(struct loop *loop, void (*on_worked)(void *arg), void *arg)
{
    loop->on_worked = on_worked;
    loop->worked_arg = arg;
}

void loop_set_turn(struct loop *loop, void (*on_turned)(void *arg), void *arg)
{
    loop->on_turned = on_turned;
    loop->turned_arg = arg;
}

/* Call the watches that are ready. If a callback stops a watch, that watch is not called in this
 * turn, nor is a new watch that has taken its place in the table.
 */
static void tell_watches(struct loop *loop, const struct curl_waitfd *fds, struct watch **told,
                         unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (fds[i].revents && place_of(loop, told[i]))
            told[i]->on_ready(told[i]->arg, fds[i].revents);
    }
}

/* For extra descriptors, curl_multi_poll reports only POLLIN, POLLPRI and POLLOUT; a hang-up is
 * reported as POLLIN. */
static void poll_once(struct loop *loop)
{
    struct curl_waitfd fds[LOOP_WATCHES_MAX];
    struct watch *told[LOOP_WATCHES_MAX];
    unsigned count = 0;
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        struct watch *watch = loop->watches_on[i];
        if (!watch || !watch->events)
            continue;
        told[count] = watch;
        fds[count++] = (struct curl_waitfd){.fd = watch->fd, .events = watch->events};
    }
    curl_multi_poll(loop->multi, fds, count, timers_wait_ms(&loop->timers, LOOP_IDLE_MS), NULL);
    int running;
    curl_multi_perform(loop->multi, &running);
    if (loop->on_worked)
        loop->on_worked(loop->worked_arg);
    tell_watches(loop, fds, told, count);
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        poll_once(loop);
        timers_fire(&loop->timers);
        if (loop->on_turned)
            loop->on_turned(loop->turned_arg);
    }
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
