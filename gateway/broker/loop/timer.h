/* timer.h - one-shot timers, and the heap that finds the next one that is due.
 *
 * Single-threaded. loop.h fires them; whoever only waits for a time needs no more of the loop than
 * its timers. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_TIMER_H
#define MAYFLY_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in its owner. Zero-initialised is idle. */
struct timer {
    uint64_t deadline_ms; /* of clock_now_ms */
    void (*on_due)(void *arg);
    void *arg;
    size_t place; /* in the heap, from 1; 0 when idle */
};

/* A binary heap in which each timer knows its place. Zero-initialised is empty. */
struct timers {
    struct timer **heap; /* heap[1..count], the earliest first */
    size_t count, capacity;
};

/* Start or restart. Keeps timer until it fires or is stopped. Fails only when memory is out:
 * false. */
bool timer_start(struct timers *timers, struct timer *timer, uint32_t after_ms);
void timer_stop(struct timers *timers, struct timer *timer); /* no-op when idle */
bool timer_runs(const struct timer *timer);

/* Fire each timer that is due. A timer that a callback starts is not fired by the same call, even
 * if it is due at once. */
void timers_fire(struct timers *timers);
/* Milliseconds until the first is due, at most `most_ms`. */
int timers_wait_ms(const struct timers *timers, int most_ms);
void timers_release(struct timers *timers);

#endif
