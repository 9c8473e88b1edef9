/* canary.h - the sandbox's self-test: a program in a box that looks whether the fences hold.
 *
 * The engine takes a create JSON and may do less than it says: a field that it does not know, a
 * kernel without a feature, an upgrade with other defaults. So nobody is served before a canary has
 * come back from a box like any other, of each runtime, and has seen what canary_judge.h expects:
 *
 *   IDLE --(engine up)--> RUNNING --(all holds)--> PASSED --(MAYFLY_CANARY_S)--> RUNNING ...
 *                          |   ^                   the pool may trust
 *             (a difference)   '--(back-off)-- FAILED
 *                                              the pool must refuse, and why
 *
 * A box of gVisor shows no limits. There each canary is followed by one for each limit, which goes
 * past it (trial.h); what becomes of them is in the same report.
 *
 * A canary that could not run (no box, a box lost) has proved nothing: what held before still
 * holds, and it is sent again soon. Losing the engine leads back to IDLE from any state. Callbacks
 * follow the four laws in loop.h.
 */
#ifndef MAYFLY_CANARY_H
#define MAYFLY_CANARY_H

#include "broker/pool/pool.h"
#include "broker/selftest/canary_judge.h"

struct canary;

/* Called after each canary, with its report, borrowed. */
typedef void canary_reported(void *arg, const struct canary_report *report, bool passed);

/* The canaries that came back, by outcome. */
struct canary_results {
    uint64_t passed_count, failed_count, lost_count;
    uint64_t passed_at_ms; /* the last that passed, of clock_wall_ms; 0: none */
};

/* Borrows all. Does nothing until canary_engine_up. */
struct canary *canary_new(struct timers *timers, struct pool *pool, const struct engine *engine,
                          const struct config *config, canary_reported *on_reported, void *arg,
                          struct error *err);
void canary_free(struct canary *canary); /* before its pool */

/* Call each after the pool's own. */
void canary_engine_up(struct canary *canary);
void canary_engine_down(struct canary *canary);
/* No more canaries; one that is out is canceled. The pool's trust stays as it is. */
void canary_stop(struct canary *canary);
const struct canary_results *canary_results(const struct canary *canary);

#endif
