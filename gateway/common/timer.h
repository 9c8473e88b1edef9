/* timer.h - one-shot timers, and the heap that finds the next one that is due.
 *
 * Single-threaded. A loop fires them. Code that only waits for a time needs the loop's struct
 * timers, not the loop. Callbacks follow the four laws in common/loop.h.
 */
#ifndef MAYFLY_TIMER_H
#define MAYFLY_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded in its owner. To initialise: zero it, then set on_due and arg. It is then idle. */
struct timer {
    void (*on_due)(void *arg);
    void *arg;
    uint64_t deadline_ms; /* of clock_now_ms; only the functions below set it and the rest */
    uint64_t number;      /* of its start, in the order of all starts; 0 when idle */
    struct timer *child, *next;
    struct timer *previous; /* the parent, for a first child; NULL for the first to be due */
};

/* A pairing heap, which allocates no memory. A zeroed one is empty. */
struct timers {
    struct timer *first; /* the next one that is due; NULL: none runs */
    uint64_t started_count;
};

/* Start or restart. Keeps timer until it fires or is stopped. */
void timer_start(struct timers *timers, struct timer *timer, uint64_t after_ms);
void timer_stop(struct timers *timers, struct timer *timer); /* no-op when idle */
bool timer_runs(const struct timer *timer);

/* Fire each timer that is due, in the order of deadlines; equal deadlines in the order of starts. A
 * timer that a callback starts is not fired by the same call, even if it is due at once. */
void timers_fire(struct timers *timers);
/* Returns the milliseconds until the first is due, at most `most_ms`. */
int timers_wait_ms(const struct timers *timers, int most_ms);

#endif
