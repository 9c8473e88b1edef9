/* reaper.h - removes the boxes that nobody will remove: those of dead gateways, and strays of our
 * own.
 *
 * Every container of a Mayfly carries labels: mayfly.managed, its gateway's instance, and a
 * deadline (wall clock) after which anybody may remove it. Removed are: any past its deadline;
 * any of ours that the pool does not know, in two sweeps running; any of another instance that
 * had exited in two sweeps running (a live gateway removes its own at once), or that was
 * created and in so long a time not started. Never a live box of another instance.
 *
 * An engine was seen to list a container for hours that it had removed. An id whose removal was
 * answered with 404 is not there, whatever the list says: such a ghost is passed over.
 *
 * A create whose answer was lost may succeed after its box was found missing. What comes so late is
 * a stray until the next sweep; at the end there is a last one.
 */
#ifndef MAYFLY_REAPER_H
#define MAYFLY_REAPER_H

#include "broker/pool/pool.h"

struct reaper;

/* Borrows all. Sweeps at reaper_sweep, then every half minute. */
struct reaper *reaper_new(struct timers *timers, struct docker *docker, const struct pool *pool,
                          const struct config *config, const char *instance, struct error *err);
void reaper_free(struct reaper *reaper);
/* Sweep now. No-op while a sweep is running. */
void reaper_sweep(struct reaper *reaper);
/* The pool has no box any more, nor will it have one: remove whatever the engine has of this
 * instance, then call on_finished, not before this returns. Sweeps again until nothing is left or
 * the engine fails; the caller's patience ends it. */
void reaper_finish(struct reaper *reaper, void (*on_finished)(void *arg), void *arg);
uint64_t reaper_removed_count(const struct reaper *reaper);

#endif
