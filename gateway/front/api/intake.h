/* intake.h - turns a POST into an execution. Every kind of request passes through it, so each
 * mistake has the same words everywhere, and nothing is sent to a box before the whole request is
 * valid.
 *
 * A request is read in parts, because a large one takes tens of milliseconds:
 *
 *   taken -> DIGEST (of an Idempotency-Key's body) -> READ -> WRITE (the RUN frame) -> FREE -> END
 *                                                       \-- a mistake ------------------^
 *
 * A small request is read within the handler's call if the turn has time left. All others queue,
 * and a task spends a millisecond of each turn on them: first on the small ones, in order; then on
 * one large request at a time, so that only one is in memory in two forms. If the client hangs up
 * meanwhile, its request is dropped; if the gateway stops, it is answered.
 */
#ifndef MAYFLY_INTAKE_H
#define MAYFLY_INTAKE_H

#include "front/api/call.h"
#include "front/runs/execution.h"

/* Called when the call has its execution. It must attach a listener, unless the archive keeps the
 * execution. */
typedef void intake_begun(const struct call *call, struct execution *execution);

/* Call it once, before the first request. Borrows service for the life of the process. */
void intakes_init(struct service *service);

/* Begin the execution that the call asks for, or find the one with its Idempotency-Key. Then call
 * on_begun, now or in a later turn, with the caller as it is then. On failure the exchange is
 * answered, and on_begun is not called. is_detached: the execution continues without a client, and
 * is kept. That holds for every execution with an Idempotency-Key. */
void intake_take(const struct call *call, bool is_detached, intake_begun *on_begun);

#endif
