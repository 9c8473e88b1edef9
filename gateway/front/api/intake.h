/* intake.h - makes a POST an execution: the one way in for every kind of request, so that each
 * mistake has the same words in all of them, and nothing is sent to a box before the whole request
 * was found valid.
 *
 * A request is read in parts, since a large one takes tens of milliseconds:
 *
 *   taken -> DIGEST (of an Idempotency-Key's body) -> READ -> WRITE (the RUN frame) -> FREE -> END
 *                                                       \-- a mistake ------------------^
 *
 * A small one is read within the handler's call, as long as the turn has time for it. All others
 * queue, and a task gives them a millisecond of each turn: the small ones first, in order; and of
 * the large ones one at a time, so that no more than one is held in two forms. A client that hangs
 * up while its request is read takes it along; the gateway that stops answers it.
 */
#ifndef MAYFLY_INTAKE_H
#define MAYFLY_INTAKE_H

#include "front/api/call.h"
#include "front/runs/execution.h"

/* The call has its execution. Attach a listener within this function, or the archive keeps it. */
typedef void intake_begun(const struct call *call, struct execution *execution);

/* Call it once, before the first request. Borrows service for the life of the process. */
void intakes_init(struct service *service);

/* Begin the execution that the call asks for, or find the one that its Idempotency-Key names, and
 * call on_begun: now, or in a later turn with the caller as it is then. Where that fails, the
 * exchange is answered and on_begun is not called. is_detached: the execution continues without a
 * client, and is kept; one with a key does so in any case. */
void intake_take(const struct call *call, bool is_detached, intake_begun *on_begun);

#endif
