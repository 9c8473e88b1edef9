#include "broker/loop/timer.h"

#include <stdlib.h>

#include "common/clock.h"

static void put(struct timers *timers, size_t place, struct timer *timer)
{
    timers->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct timers *timers, size_t place)
{
    struct timer *timer = timers->heap[place];
    for (; place > 1 && timers->heap[place / 2]->deadline_ms > timer->deadline_ms; place /= 2)
        put(timers, place, timers->heap[place / 2]);
    put(timers, place, timer);
}

static void sift_down(struct timers *timers, size_t place)
{
    struct timer *timer = timers->heap[place];
    for (size_t child; (child = place * 2) <= timers->count; place = child) {
        if (child < timers->count &&
            timers->heap[child + 1]->deadline_ms < timers->heap[child]->deadline_ms)
            child++;
        if (timers->heap[child]->deadline_ms >= timer->deadline_ms)
            break;
        put(timers, place, timers->heap[child]);
    }
    put(timers, place, timer);
}

static bool grow_heap(struct timers *timers)
{
    if (timers->count + 1 < timers->capacity)
        return true;
    size_t capacity = timers->capacity ? timers->capacity * 2 : 64;
    struct timer **heap = realloc(timers->heap, capacity * sizeof(struct timer *));
    if (!heap)
        return false;
    timers->heap = heap;
    timers->capacity = capacity;
    return true;
}

bool timer_start(struct timers *timers, struct timer *timer, uint32_t after_ms)
{
    timer_stop(timers, timer);
    if (!grow_heap(timers))
        return false;
    timer->deadline_ms = clock_now_ms() + after_ms;
    put(timers, ++timers->count, timer);
    sift_up(timers, timers->count);
    return true;
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    if (!timer_runs(timer))
        return;
    size_t place = timer->place;
    struct timer *last = timers->heap[timers->count--];
    timer->place = 0;
    if (last == timer)
        return;
    put(timers, place, last);
    sift_up(timers, place);
    sift_down(timers, last->place);
}

bool timer_runs(const struct timer *timer)
{
    return timer->place != 0;
}

void timers_fire(struct timers *timers)
{
    uint64_t now_ms = clock_now_ms();
    for (size_t budget = timers->count; budget > 0 && timers->count > 0; budget--) {
        struct timer *first = timers->heap[1];
        if (first->deadline_ms > now_ms)
            return;
        timer_stop(timers, first);
        first->on_due(first->arg);
    }
}

int timers_wait_ms(const struct timers *timers, int most_ms)
{
    if (timers->count == 0)
        return most_ms;
    int wait_ms = clock_until_ms(timers->heap[1]->deadline_ms, clock_now_ms());
    return wait_ms < most_ms ? wait_ms : most_ms;
}

void timers_release(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){.heap = NULL};
}
