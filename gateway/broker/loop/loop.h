/* loop.h - the broker's event loop: one poll for libcurl's multi handle, file descriptors and
 * timers.
 *
 * Single-threaded. In each turn, the loop polls until something is ready or due, lets libcurl work,
 * calls watches, fires timers, and calls the turn hook. The hook is the only safe point: there dead
 * objects are freed and decisions are made. Callbacks follow the four laws in common/loop.h.
 */
#ifndef MAYFLY_BROKER_LOOP_H
#define MAYFLY_BROKER_LOOP_H

#include <curl/curl.h>

#include "common/error.h"
#include "common/loop.h"

/* Watches are needed for each box (at most 1024), for each front, and for a few other
 * descriptors. */
#define LOOP_WATCHES_MAX 1152

struct loop;

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop); /* stop using its watches and timers first */

/* The results are valid as long as the loop. At most LOOP_WATCHES_MAX watches can be on. */
CURLM *loop_multi(struct loop *loop);
struct timers *loop_timers(struct loop *loop);
struct watches *loop_watches(struct loop *loop);
/* Let on_worked be called in each turn, after libcurl has worked. Keeps on_worked and arg. */
void loop_set_transfers(struct loop *loop, void (*on_worked)(void *arg), void *arg);
/* Let on_turned be called at the end of each turn. Keeps on_turned and arg. */
void loop_set_turn(struct loop *loop, void (*on_turned)(void *arg), void *arg);

/* Run turns until loop_stop is called. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
