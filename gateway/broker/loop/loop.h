/* loop.h - the broker's event loop: libcurl's multi handle, file descriptors and timers in one
 * poll.
 *
 * Single-threaded. A turn: poll until something is ready or due; let libcurl work; call watches;
 * fire timers; then call the turn hook. The hook is the one safe point, where dead objects are
 * freed and decisions are made. Callbacks follow the four laws in common/loop.h.
 */
#ifndef MAYFLY_BROKER_LOOP_H
#define MAYFLY_BROKER_LOOP_H

#include <curl/curl.h>

#include "common/error.h"
#include "common/loop.h"

/* One for each box (1024 at most), one for each front, and a few. */
#define LOOP_WATCHES_MAX 1152

struct loop;

struct loop *loop_new(struct error *err);
void loop_free(struct loop *loop); /* its watches and timers must not be used any more */

/* Each result is valid for the life of the loop. At most LOOP_WATCHES_MAX watches may be on. */
CURLM *loop_multi(struct loop *loop);
struct timers *loop_timers(struct loop *loop);
struct watches *loop_watches(struct loop *loop);
/* Call on_worked once a turn, after libcurl has worked. Keeps on_worked and arg. */
void loop_set_transfers(struct loop *loop, void (*on_worked)(void *arg), void *arg);
/* Call on_turned at the end of each turn. Keeps on_turned and arg. */
void loop_set_turn(struct loop *loop, void (*on_turned)(void *arg), void *arg);

/* Make turns until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
