/* loop.h - the broker's event loop: libcurl's multi handle, file descriptors and timers in one
 * poll.
 *
 * Single-threaded. A turn: poll until something is ready or due; let libcurl work; tell watches;
 * fire timers; then call the turn hook, the one safe point where dying things are freed and
 * decisions are made.
 *
 * The four laws of every callback in the broker:
 *   1. never before the call that promised it has returned;
 *   2. exactly once where one is promised, and silence after a cancel;
 *   3. nothing is freed under a running callback: it is marked, and freed at the safe point;
 *   4. calling up is the last act of a function.
 */
#ifndef MAYFLY_LOOP_H
#define MAYFLY_LOOP_H

#include <curl/curl.h>

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* One for each box (1024 at most), one for each front, and a few. */
#define LOOP_WATCHES_MAX 1152

/* A one-shot timer, embedded in what owns it. Zero-initialised is idle. */
struct timer {
    uint64_t deadline_ms; /* of clock_now_ms */
    void (*fire)(void *arg);
    void *arg;
    size_t place; /* in the loop's heap, from 1; 0 when idle */
};

/* Interest in a descriptor, embedded in what owns it. `events` may be changed at any time. */
struct watch {
    int fd;
    short events; /* of poll(2) */
    void (*ready)(void *arg, short events);
    void *arg;
};

struct loop;

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop); /* no watch and no timer may be left that will be used */

CURLM *loop_multi(struct loop *loop);
/* Called once per turn by libcurl's side with the multi handle, after it has worked. Kept. */
void loop_set_transfers(struct loop *loop, void (*worked)(void *arg), void *arg);
/* Called at the end of each turn. Kept. */
void loop_set_turn(struct loop *loop, void (*turn)(void *arg), void *arg);

/* Start or restart. Keeps timer until it fires or is stopped. Fails only when memory is out:
 * false. */
bool timer_start(struct loop *loop, struct timer *timer, uint32_t after_ms);
void timer_stop(struct loop *loop, struct timer *timer); /* fine when idle */
bool timer_runs(const struct timer *timer);

/* Keeps watch until loop_unwatch. False when there are too many. */
bool loop_watch(struct loop *loop, struct watch *watch);
void loop_unwatch(struct loop *loop, struct watch *watch); /* fine when not watched */

/* Turn until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
