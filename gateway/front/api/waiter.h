/* waiter.h - an exchange that waits for the end of an execution and is answered with the outcome.
 *
 * When the client hangs up, the waiter detaches, and an execution without other listeners is
 * canceled.
 */
#ifndef MAYFLY_WAITER_H
#define MAYFLY_WAITER_H

#include "front/api/call.h"
#include "front/runs/execution.h"
#include "front/runs/rendering.h"

enum waiter_kind {
    WAITER_CALL, /* of the request that began the run: a run that did not start is a 503 */
    WAITER_POLL, /* of a request for the state: after wait_ms the answer is the state */
};

/* Answer the exchange when the execution is finished, or at once if it is. */
void waiter_begin(const struct call *call, struct execution *execution, enum waiter_kind kind,
                  uint32_t wait_ms);

/* How a dialect answers a run. Static. */
struct waiter_terms {
    /* Begin the text of the answer of a run that has ended or was refused. Borrows both until
     * release. */
    struct rendering (*begin)(void *arg, const struct transcript *transcript);
    void (*release)(void *arg); /* the answer has been sent, or its client has gone */
    /* The text answers others, too. Else a call that was withdrawn gets an empty 202. */
    bool answers_others;
};

/* The same as WAITER_CALL in a dialect: 200 with the text of terms, also when the run did not
 * start. Borrows terms for the life of the process; takes arg. */
void waiter_begin_in(const struct call *call, struct execution *execution,
                     const struct waiter_terms *terms, void *arg);

/* Answer at once with {"id","status"}. The status is "queued", "running" or, at the end, that of
 * the answer.
 */
void waiter_answer_state(struct exchange *exchange, int status,
                         const struct transcript *transcript);

#endif
