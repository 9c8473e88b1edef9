/* waiter.h - an exchange that waits for the end of an execution and is answered with the outcome.
 *
 * When the client hangs up, the waiter detaches, and an execution without other listeners is
 * canceled.
 */
#ifndef MAYFLY_WAITER_H
#define MAYFLY_WAITER_H

#include "front/api/call.h"
#include "front/runs/execution.h"

enum waiter_kind {
    WAITER_CALL, /* of the request that began the run: a run that did not start is a 503 */
    WAITER_POLL, /* of a request for the state: after wait_ms the answer is the state */
};

/* Answer the exchange when the execution is finished, or at once if it is. */
void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms);

/* Answer at once with {"id","status"}. The status is "queued", "running" or, at the end, that of
 * the answer.
 */
void waiter_answer_state(struct exchange *exchange, int status,
                         const struct transcript *transcript);

#endif
