/* timer.h - one-shot timers, and the heap that finds the timer that is due next.
 *
 * Single-threaded. The event loop fires them. Code that only waits for a time needs nothing of the
 * loop but its struct timers. Callbacks follow the four laws in common/loop.h.
 */
#ifndef MAYFLY_TIMER_H
#define MAYFLY_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embed it in its owner. To initialise: zero it, then set on_due and arg. */
struct timer {
    void (*on_due)(void *arg);
    void *arg;
    uint64_t deadline_ms; /* of clock_now_ms; set by the functions below, like all members below */
    uint64_t number;      /* counts all starts, to order equal deadlines; 0 when idle */
    struct timer *child, *next;
    struct timer *previous; /* a first child's parent; NULL at the root */
};

/* A pairing heap. It allocates nothing: timers are its nodes. A zeroed heap is empty. */
struct timers {
    struct timer *first; /* the root: the timer that is due next; NULL: no timer is started */
    uint64_t started_count;
};

/* Start or restart. Keeps timer until it fires or is stopped. */
void timer_start(struct timers *timers, struct timer *timer, uint64_t after_ms);
void timer_stop(struct timers *timers, struct timer *timer); /* no-op when idle */
bool timer_runs(const struct timer *timer);

/* Fire all timers that are due, ordered by deadline; equal deadlines in the order of starts. A
 * timer that a callback starts has to wait for the next call, even if it is due at once. */
void timers_fire(struct timers *timers);
/* Returns the milliseconds until the next timer is due, at most `most_ms`. */
int timers_wait_ms(const struct timers *timers, int most_ms);

#endif
