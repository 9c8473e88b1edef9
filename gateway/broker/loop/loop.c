#include "broker/loop/loop.h"

#include <stdlib.h>

/* The longest poll; nothing depends on it. */
#define LOOP_IDLE_MS 10000

struct loop {
    CURLM *multi;
    struct timers timers;
    struct watch *watches[LOOP_WATCHES_MAX]; /* NULL: free place */
    void (*on_worked)(void *arg);
    void *worked_arg;
    void (*on_turned)(void *arg);
    void *turned_arg;
    bool stopped;
};

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
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    curl_multi_cleanup(loop->multi);
    timers_release(&loop->timers);
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

/* ---- watches ---- */

bool loop_watch(struct loop *loop, struct watch *watch)
{
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        if (!loop->watches[i]) {
            loop->watches[i] = watch;
            return true;
        }
    }
    return false;
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        if (loop->watches[i] == watch)
            loop->watches[i] = NULL;
    }
}

/* A watch that a callback removes is not called; one that takes its place in this turn neither. */
static void tell_watches(struct loop *loop, const struct curl_waitfd *fds, struct watch **told,
                         unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t place = 0;
        if (!fds[i].revents)
            continue;
        while (place < LOOP_WATCHES_MAX && loop->watches[place] != told[i])
            place++;
        if (place < LOOP_WATCHES_MAX)
            told[i]->on_ready(told[i]->arg, fds[i].revents);
    }
}

/* curl_multi_poll reports POLLIN, POLLPRI and POLLOUT for extra descriptors only; a hang-up
 * shows as readable. */
static void poll_once(struct loop *loop)
{
    struct curl_waitfd fds[LOOP_WATCHES_MAX];
    struct watch *told[LOOP_WATCHES_MAX];
    unsigned count = 0;
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        struct watch *watch = loop->watches[i];
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
