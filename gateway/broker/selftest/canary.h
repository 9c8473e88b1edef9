/* canary.h - the self-test of the sandbox: a program in a box checks whether the protections hold.
 *
 * The engine may accept a create JSON but do less than it asks for: the engine may not know a
 * field, the kernel may lack a feature, an upgrade may have changed defaults. So a program, the
 * canary, first runs in an ordinary box of each runtime. No run is served until each canary has
 * seen the facts that canary_judge.h expects:
 *
 *   IDLE --(engine up)--> RUNNING --(all holds)--> PASSED --(MAYFLY_CANARY_S)--> RUNNING ...
 *                          |   ^                   the pool may trust
 *             (a difference)   '--(back-off)-- FAILED
 *                                              the pool must refuse runs
 *
 * In gVisor, a box does not show its limits. So after each canary, one program for each limit tries
 * to exceed that limit (trial.h). The results are in the same report.
 *
 * A canary that could not run (it got no box, or lost it) has proved nothing: the previous result
 * stays valid, and another canary is sent soon. From any state, losing the engine leads back to
 * IDLE. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_CANARY_H
#define MAYFLY_CANARY_H

#include "broker/pool/pool.h"
#include "broker/selftest/canary_judge.h"

struct canary;

/* Called after each canary. Borrows the report for the call. */
typedef void canary_reported(void *arg, const struct canary_report *report, bool passed);

/* The numbers of canaries that passed, failed and were lost. */
struct canary_results {
    uint64_t passed_count, failed_count, lost_count;
    uint64_t passed_at_ms; /* when the last one passed, in clock_wall_ms; 0: none has passed */
};

/* Borrows all. Does nothing until canary_engine_up. */
struct canary *canary_new(struct timers *timers, struct pool *pool, const struct engine *engine,
                          const struct config *config, canary_reported *on_reported, void *arg,
                          struct error *err);
void canary_free(struct canary *canary); /* free it before its pool */

/* Call each of these after pool_engine_up or pool_engine_down. */
void canary_engine_up(struct canary *canary);
void canary_engine_down(struct canary *canary);
/* Send no more canaries, and cancel the running one. The pool's trust in the sandbox does not
 * change. */
void canary_stop(struct canary *canary);
const struct canary_results *canary_results(const struct canary *canary);

#endif
