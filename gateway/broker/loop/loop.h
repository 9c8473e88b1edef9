/* loop.h - the broker's event loop: libcurl's multi handle, file descriptors and timers in one
 * poll.
 *
 * Single-threaded. A turn: poll until something is ready or due; let libcurl work; call watches;
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

#include "broker/loop/timer.h"
#include "common/error.h"

/* One for each box (1024 at most), one for each front, and a few. */
#define LOOP_WATCHES_MAX 1152

/* Interest in a descriptor, embedded in what owns it. `events` may be changed at any time. */
struct watch {
    int fd;
    short events; /* of poll(2) */
    void (*on_ready)(void *arg, short events);
    void *arg;
};

struct loop;

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop); /* no watch and no timer may be left that will be used */

/* Both are lent for the life of the loop. */
CURLM *loop_multi(struct loop *loop);
struct timers *loop_timers(struct loop *loop);
/* Call on_worked once a turn, after libcurl has worked. Keeps on_worked and arg. */
void loop_set_transfers(struct loop *loop, void (*on_worked)(void *arg), void *arg);
/* Call on_turned at the end of each turn. Keeps on_turned and arg. */
void loop_set_turn(struct loop *loop, void (*on_turned)(void *arg), void *arg);

/* Keeps watch until loop_unwatch. False when there are too many. */
bool loop_watch(struct loop *loop, struct watch *watch);
void loop_unwatch(struct loop *loop, struct watch *watch); /* no-op when not watched */

/* Turn until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
