/* canary.h - the sandbox's self-test: a program in a box that looks whether the fences stand.
 *
 * The engine takes a create JSON and may do less than it says: a field that it does not know, a
 * kernel without a feature, an upgrade with other defaults. So nobody is served before a canary has
 * come back from a box like any other, of each runtime, and has seen what canary_judge.h expects:
 *
 *   IDLE --(engine up)--> RUNNING --(all holds)--> PASSED --(MAYFLY_CANARY_S)--> RUNNING ...
 *                          |   ^                   the pool is told to trust
 *             (a difference)   '--(back-off)-- FAILED
 *                                              the pool is told to refuse, and why
 *
 * A box of gVisor shows no limits. There each canary is followed by one for each limit, which goes
 * past it (trial.h); what becomes of them is in the same report.
 *
 * A canary that could not run (no box, a box lost) has proved nothing: what held before it goes on,
 * and it is sent again soon. From any state the engine's going leads to IDLE. Callbacks follow the
 * four laws in loop.h.
 */
#ifndef MAYFLY_CANARY_H
#define MAYFLY_CANARY_H

#include "broker/canary_judge.h"
#include "broker/pool.h"

struct canary;

/* Called after each canary, with its report, lent. */
typedef void canary_reported(void *arg, const struct canary_report *report, bool passed);

/* How many came back, and how. */
struct canary_results {
    uint64_t passed_count, failed_count, lost_count;
    uint64_t passed_at_ms; /* the last that passed, of clock_wall_ms; 0: none */
};

/* Lends all. Does nothing until told that the engine is up. */
struct canary *canary_new(struct loop *loop, struct pool *pool, const struct engine *engine,
                          const struct config *config, canary_reported *reported, void *arg,
                          struct error *err);
void canary_free(struct canary *canary); /* before its pool */

/* Tell after the pool was told. */
void canary_engine_up(struct canary *canary);
void canary_engine_down(struct canary *canary);
/* No more canaries; one under way is cancelled. The pool's trust stays as it is. */
void canary_stop(struct canary *canary);
const struct canary_results *canary_results(const struct canary *canary);

#endif
