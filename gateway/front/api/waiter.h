/* waiter.h - an exchange that waits for an execution's end and is answered with its outcome.
 *
 * Its client may hang up at any time: then the waiter leaves, and the execution ends with it where
 * nobody else listens.
 */
#ifndef MAYFLY_WAITER_H
#define MAYFLY_WAITER_H

#include "front/api/call.h"
#include "front/runs/execution.h"

enum waiter_kind {
    WAITER_CALL, /* asked for the run itself: waits as long as it takes; a run that did not start is
                    a problem, with 503 */
    WAITER_POLL, /* asks for the execution's state: after wait_ms that is an answer too */
};

/* Answer the exchange when the execution is finished, which may be now. */
void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms);

/* Answer at once with {"id","status"}: "queued", "running" or, when it is finished, the answer's.
 */
void waiter_answer_state(struct exchange *exchange, int status,
                         const struct transcript *transcript);

#endif
