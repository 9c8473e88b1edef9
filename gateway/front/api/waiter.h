/* waiter.h - an exchange that waits for an execution's end and is answered with its outcome.
 *
 * Its client may hang up at any time: then the waiter leaves, and the execution ends with it where
 * nobody else listens.
 */
#ifndef MAYFLY_WAITER_H
#define MAYFLY_WAITER_H

#include "front/api/call.h"
#include "front/runs/execution.h"
#include "front/runs/rendering.h"

enum waiter_kind {
    WAITER_CALL, /* asked for the run itself: waits as long as it takes; a run that did not start is
                    a problem, with 503 */
    WAITER_POLL, /* asks for the execution's state: after wait_ms that is an answer too */
};

/* Answer the exchange when the execution is finished, which may be now. */
void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms);

/* How a dialect answers a run. Static. */
struct waiter_terms {
    /* Begin the text of the answer of a run that has ended or was refused. Lends both until
     * release. */
    struct rendering (*begin)(const void *arg, const struct transcript *transcript);
    void (*release)(void *arg); /* the answer has been sent, or its client has gone */
};

/* The same as WAITER_CALL in a dialect: 200 with the text of terms, also when the run did not
 * start. Lends terms for the life of the process; takes arg. */
void waiter_begin_in(const struct call *call, struct execution *execution,
                     const struct waiter_terms *terms, void *arg);

/* Answer at once with {"id","status"}: "queued", "running" or, when it is finished, the answer's.
 */
void waiter_answer_state(struct exchange *exchange, int status,
                         const struct transcript *transcript);

#endif
