/* loop.c - libcurl reports the sockets that it wants watched, and hears only of those that are
 * ready. curl_multi_perform would make a system call for each transfer in each turn, and each box
 * has one that never ends.
 */
#include "broker/loop/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* The longest poll. The value does not matter, because timers and descriptors end a poll
 * earlier. */
#define LOOP_IDLE_MS 10000
/* A box has at most a stream and a call at a time. */
#define SOCKETS_MAX 2560
#define READY_MAX (LOOP_WATCHES_MAX + SOCKETS_MAX)

struct loop {
    struct watches watches; /* the first member */
    CURLM *multi;
    struct pollfd sockets[SOCKETS_MAX]; /* of libcurl */
    size_t sockets_count;
    uint64_t curl_due_ns; /* when libcurl wants to work without a socket; 0: never */
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

/* ---- libcurl's sockets and timer ---- */

static struct pollfd *socket_of(struct loop *loop, curl_socket_t fd)
{
    for (size_t i = 0; i < loop->sockets_count; i++) {
        if (loop->sockets[i].fd == fd)
            return &loop->sockets[i];
    }
    return NULL;
}

/* A transfer whose socket finds no place ends by its timeout. */
static int on_socket(CURL *easy, curl_socket_t fd, int wanted, void *arg, void *unused)
{
    struct loop *loop = arg;
    struct pollfd *place = socket_of(loop, fd);
    (void)easy;
    (void)unused;
    if (wanted == CURL_POLL_REMOVE) {
        if (place)
            *place = loop->sockets[--loop->sockets_count];
        return 0;
    }
    if (!place && loop->sockets_count < SOCKETS_MAX)
        place = &loop->sockets[loop->sockets_count++];
    short events =
        (short)((wanted & CURL_POLL_IN ? POLLIN : 0) | (wanted & CURL_POLL_OUT ? POLLOUT : 0));
    if (place)
        *place = (struct pollfd){.fd = fd, .events = events};
    return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct loop *loop = arg;
    (void)multi;
    loop->curl_due_ns = wait_ms < 0 ? 0 : clock_now_ns() + (uint64_t)wait_ms * NS_PER_MS;
    return 0;
}

/* Returns the milliseconds until libcurl's time, rounded up, but at most `most_ms`. */
static int curl_wait_ms(const struct loop *loop, int most_ms)
{
    uint64_t now_ns = clock_now_ns(), due_ns = loop->curl_due_ns;
    if (due_ns == 0)
        return most_ms;
    uint64_t wait_ms = due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0;
    return wait_ms < (uint64_t)most_ms ? (int)wait_ms : most_ms;
}

static int curl_readiness(short events)
{
    return (events & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
           (events & POLLOUT ? CURL_CSELECT_OUT : 0) | (events & POLLERR ? CURL_CSELECT_ERR : 0);
}

/* The sockets may change with each call, so `ready` is a copy. libcurl accepts a socket that it has
 * closed meanwhile. */
static void let_curl_work(struct loop *loop, const struct pollfd *ready, size_t count)
{
    int running;
    for (size_t i = 0; i < count; i++) {
        if (ready[i].revents)
            curl_multi_socket_action(loop->multi, ready[i].fd, curl_readiness(ready[i].revents),
                                     &running);
    }
    if (loop->curl_due_ns == 0 || clock_now_ns() < loop->curl_due_ns)
        return;
    loop->curl_due_ns = 0;
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static bool attach_curl(struct loop *loop)
{
    CURLM *multi = loop->multi;
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop) == CURLM_OK;
}

/* ---- the interface ---- */

struct loop *loop_new(struct error *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop)
        loop->multi = curl_multi_init();
    if (!loop || !loop->multi || !attach_curl(loop)) {
        loop_free(loop);
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
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

/* A reader or a writer finds an error or a hang-up, so report such a socket as ready. */
static short readiness(short events)
{
    if (events & POLLHUP)
        events |= POLLIN;
    if (events & POLLERR)
        events |= POLLIN | POLLOUT;
    return (short)(events & (POLLIN | POLLOUT | POLLPRI));
}

/* Call the watches that are ready. If a callback stops a watch, that watch is not called in this
 * turn, nor is a new watch that has taken its place in the table.
 */
static void tell_watches(struct loop *loop, const struct pollfd *ready, struct watch **told,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        short events = readiness(ready[i].revents);
        if (events && place_of(loop, told[i]))
            told[i]->on_ready(told[i]->arg, events);
    }
}

static void poll_once(struct loop *loop)
{
    struct pollfd ready[READY_MAX]; /* watches, then libcurl's sockets */
    struct watch *told[LOOP_WATCHES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++) {
        struct watch *watch = loop->watches_on[i];
        if (!watch || !watch->events)
            continue;
        told[count] = watch;
        ready[count++] = (struct pollfd){.fd = watch->fd, .events = watch->events};
    }
    struct pollfd *of_curl = ready + count;
    size_t curl_count = loop->sockets_count;
    memcpy(of_curl, loop->sockets, curl_count * sizeof *of_curl);
    int wait_ms = curl_wait_ms(loop, timers_wait_ms(&loop->timers, LOOP_IDLE_MS));
    if (poll(ready, count + curl_count, wait_ms) < 0)
        count = curl_count = 0; /* a signal has interrupted it */
    let_curl_work(loop, of_curl, curl_count);
    if (loop->on_worked)
        loop->on_worked(loop->worked_arg);
    tell_watches(loop, ready, told, count);
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
