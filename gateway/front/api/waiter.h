/* waiter.h - waits for the end of an execution, and answers an exchange with the outcome.
 *
 * When the client hangs up, the waiter detaches. An execution without other listeners is then
 * canceled.
 */
#ifndef MAYFLY_WAITER_H
#define MAYFLY_WAITER_H

#include "front/api/call.h"
#include "front/runs/execution.h"
#include "front/runs/rendering.h"

enum waiter_kind {
    /* for the request that began the run: if the run did not start, the answer is a problem */
    WAITER_CALL,
    /* for a request for the state: if the run has not ended after wait_ms, the answer is the
     * state */
    WAITER_POLL,
};

/* Answer the exchange when the execution has finished, at once if it has already. */
void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms);

/* The functions by which a dialect writes the answer to a run. The struct must be static. */
struct waiter_terms {
    /* Begin the text of the answer for a run that has ended or was refused. Borrows arg and
     * transcript until release. */
    struct rendering (*begin)(void *arg, const struct transcript *transcript);
    void (*release)(void *arg); /* called when the answer was sent or the client has gone */
    /* The text also answers other calls of a batch, so it is sent even if this call was withdrawn.
     * Otherwise a withdrawn call gets an empty 202. */
    bool answers_others;
};

/* Like waiter_begin with WAITER_CALL, but `terms` write the answer, and its status is 200 even if
 * the run did not start. When memory is out, the answer is a problem. Borrows terms for the life of
 * the process; takes arg. */
void waiter_begin_in(const struct call *call, struct execution *execution,
                     const struct waiter_terms *terms, void *arg);

/* Answer at once with {"id","status"}. The status is "queued", "running", or that of the final
 * answer.
 */
void waiter_answer_state(struct exchange *exchange, int status,
                         const struct transcript *transcript);

#endif
