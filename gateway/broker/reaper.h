/* reaper.h - removes containers that nobody else removes: those of dead gateways, and strays of
 * this one.
 *
 * Every box has labels: mayfly.managed, its gateway's instance, and a deadline (wall clock) after
 * which any gateway may remove it. The reaper removes:
 *
 *   - any container after its deadline;
 *   - a container of this instance that the pool does not know, in two sweeps in a row;
 *   - a container of another instance that has exited, in two sweeps in a row, because a live
 *     gateway removes its own containers at once;
 *   - a container of another instance that was created long ago and never started.
 *
 * It never removes a running box of another instance before its deadline.
 *
 * Some engines list a container for hours after it was removed. If the engine answers a removal
 * with 404, the container does not exist, whatever the list says. The reaper ignores such a
 * container.
 *
 * If the answer to a create was lost, the container may appear even after a removal got a 404. Only
 * a later sweep finds it. Therefore the broker makes a last sweep at its end.
 */
#ifndef MAYFLY_REAPER_H
#define MAYFLY_REAPER_H

#include "broker/pool/pool.h"

struct reaper;

/* Borrows all. Sweeps when reaper_sweep is called, and then every half minute. */
struct reaper *reaper_new(struct timers *timers, struct docker *docker, const struct pool *pool,
                          const struct config *config, const char *instance, struct error *err);
void reaper_free(struct reaper *reaper);
/* Sweep now. No-op during a sweep. */
void reaper_sweep(struct reaper *reaper);
/* Call this when the pool has no boxes and will get none. Removes all containers of this instance,
 * then calls on_finished, never before this function has returned. Sweeps until nothing is left or
 * the engine fails; the caller sets a time limit. */
void reaper_finish(struct reaper *reaper, void (*on_finished)(void *arg), void *arg);
uint64_t reaper_removed_count(const struct reaper *reaper);

#endif
