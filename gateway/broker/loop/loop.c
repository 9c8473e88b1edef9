#include "broker/loop/loop.h"

#include "common/clock.h"

#include <stdlib.h>

/* The longest poll; nothing depends on it. */
#define LOOP_IDLE_MS 10000

struct loop {
    CURLM *multi;
    struct timer **heap; /* heap[1..count], the earliest first */
    size_t count, capacity;
    struct watch *watches[LOOP_WATCHES_MAX]; /* NULL: free place */
    void (*worked)(void *arg);
    void *worked_arg;
    void (*turn)(void *arg);
    void *turn_arg;
    bool stopped;
};

struct loop *loop_new(struct error *err)
{
    struct loop *loop = calloc(1, sizeof(*loop));
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
    free(loop->heap);
    free(loop);
}

CURLM *loop_multi(struct loop *loop)
{
    return loop->multi;
}

void loop_set_transfers(struct loop *loop, void (*worked)(void *arg), void *arg)
{
    loop->worked = worked;
    loop->worked_arg = arg;
}

void loop_set_turn(struct loop *loop, void (*turn)(void *arg), void *arg)
{
    loop->turn = turn;
    loop->turn_arg = arg;
}

/* ---- timers: a binary heap in which each timer knows its place ---- */

static void put(struct loop *loop, size_t place, struct timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct loop *loop, size_t place)
{
    struct timer *timer = loop->heap[place];
    for (; place > 1 && loop->heap[place / 2]->deadline_ms > timer->deadline_ms; place /= 2)
        put(loop, place, loop->heap[place / 2]);
    put(loop, place, timer);
}

static void sift_down(struct loop *loop, size_t place)
{
    struct timer *timer = loop->heap[place];
    for (size_t child; (child = place * 2) <= loop->count; place = child) {
        if (child < loop->count &&
            loop->heap[child + 1]->deadline_ms < loop->heap[child]->deadline_ms)
            child++;
        if (loop->heap[child]->deadline_ms >= timer->deadline_ms)
            break;
        put(loop, place, loop->heap[child]);
    }
    put(loop, place, timer);
}

static bool grow_heap(struct loop *loop)
{
    if (loop->count + 1 < loop->capacity)
        return true;
    size_t capacity = loop->capacity ? loop->capacity * 2 : 64;
    struct timer **heap = realloc(loop->heap, capacity * sizeof(struct timer *));
    if (!heap)
        return false;
    loop->heap = heap;
    loop->capacity = capacity;
    return true;
}

bool timer_start(struct loop *loop, struct timer *timer, uint32_t after_ms)
{
    timer_stop(loop, timer);
    if (!grow_heap(loop))
        return false;
    timer->deadline_ms = clock_now_ms() + after_ms;
    put(loop, ++loop->count, timer);
    sift_up(loop, loop->count);
    return true;
}

void timer_stop(struct loop *loop, struct timer *timer)
{
    if (!timer_runs(timer))
        return;
    size_t place = timer->place;
    struct timer *last = loop->heap[loop->count--];
    timer->place = 0;
    if (last == timer)
        return;
    put(loop, place, last);
    sift_up(loop, place);
    sift_down(loop, last->place);
}

bool timer_runs(const struct timer *timer)
{
    return timer->place != 0;
}

static void fire_due(struct loop *loop)
{
    /* A timer started by a callback is not fired in the same turn, also when it is due at once. */
    uint64_t now_ms = clock_now_ms();
    for (size_t budget = loop->count; budget > 0 && loop->count > 0; budget--) {
        struct timer *first = loop->heap[1];
        if (first->deadline_ms > now_ms)
            return;
        timer_stop(loop, first);
        first->fire(first->arg);
    }
}

static int next_wait_ms(const struct loop *loop)
{
    if (loop->count == 0)
        return LOOP_IDLE_MS;
    int wait_ms = clock_until_ms(loop->heap[1]->deadline_ms, clock_now_ms());
    return wait_ms < LOOP_IDLE_MS ? wait_ms : LOOP_IDLE_MS;
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
    for (size_t i = 0; i < LOOP_WATCHES_MAX; i++)
        if (loop->watches[i] == watch)
            loop->watches[i] = NULL;
}

/* A watch that a callback removes is not told; one that takes its place in this turn neither. */
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
            told[i]->ready(told[i]->arg, fds[i].revents);
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
    curl_multi_poll(loop->multi, fds, count, next_wait_ms(loop), NULL);
    int running;
    curl_multi_perform(loop->multi, &running);
    if (loop->worked)
        loop->worked(loop->worked_arg);
    tell_watches(loop, fds, told, count);
}

void loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        poll_once(loop);
        fire_due(loop);
        if (loop->turn)
            loop->turn(loop->turn_arg);
    }
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
