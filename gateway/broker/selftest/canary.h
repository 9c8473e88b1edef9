/* canary.h - the self-test of the sandbox: a program in a box checks whether the protections hold.
 *
 * The engine accepts a create JSON, but may do less than it says: it may not know a field, the
 * kernel may lack a feature, an upgrade may have other defaults. So no run is served before a
 * canary has run in an ordinary box of each runtime and has seen what canary_judge.h expects:
 *
 *   IDLE --(engine up)--> RUNNING --(all holds)--> PASSED --(MAYFLY_CANARY_S)--> RUNNING ...
 *                          |   ^                   the pool may trust
 *             (a difference)   '--(back-off)-- FAILED
 *                                              the pool must refuse runs
 *
 * A box of gVisor shows no limits. There, each canary is followed by one program for each limit,
 * which tries to exceed it (trial.h). The results are in the same report.
 *
 * A canary that could not run (no box, a box lost) has proved nothing: the previous result stays
 * valid, and another canary is sent soon. Losing the engine leads back to IDLE from any state.
 * Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_CANARY_H
#define MAYFLY_CANARY_H

#include "broker/pool/pool.h"
#include "broker/selftest/canary_judge.h"

struct canary;

/* Called after each canary. Borrows the report for the call. */
typedef void canary_reported(void *arg, const struct canary_report *report, bool passed);

/* Counts of the canaries, by outcome. */
struct canary_results {
    uint64_t passed_count, failed_count, lost_count;
    uint64_t passed_at_ms; /* when the last one passed, in clock_wall_ms; 0: none has */
};

/* Borrows all. Does nothing until canary_engine_up. */
struct canary *canary_new(struct timers *timers, struct pool *pool, const struct engine *engine,
                          const struct config *config, canary_reported *on_reported, void *arg,
                          struct error *err);
void canary_free(struct canary *canary); /* before its pool */

/* Call each of these after the pool's function of that name. */
void canary_engine_up(struct canary *canary);
void canary_engine_down(struct canary *canary);
/* Send no more canaries, and cancel the current one. The pool's trust does not change. */
void canary_stop(struct canary *canary);
const struct canary_results *canary_results(const struct canary *canary);

#endif
