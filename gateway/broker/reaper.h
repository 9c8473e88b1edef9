/* reaper.h - removes the boxes that nobody else removes: those of dead gateways, and our own
 * strays.
 *
 * Every container of a Mayfly has labels: mayfly.managed, its gateway's instance, and a deadline
 * (wall clock) after which any gateway may remove it. The reaper removes a container past its
 * deadline, and one of ours that the pool does not know in two sweeps in a row. It also removes a
 * container of another instance that has exited in two sweeps in a row (a live gateway removes its
 * own at once), or that was created long ago and never started. It never removes a live box of
 * another instance.
 *
 * Engines have been seen to list a container for hours after it was removed. If a removal was
 * answered with 404, the container does not exist, whatever the list says. Such a ghost is ignored.
 *
 * A create whose answer was lost may succeed after its box was found missing. Such a late container
 * is a stray until the next sweep. At the end there is a last sweep.
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
/* Call this when the pool has no box and will get none. It removes all containers of this instance,
 * then calls on_finished, never before this function returns. It sweeps until nothing is left or
 * the engine fails; the caller sets the time limit. */
void reaper_finish(struct reaper *reaper, void (*on_finished)(void *arg), void *arg);
uint64_t reaper_removed_count(const struct reaper *reaper);

#endif
