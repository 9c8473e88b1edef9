/* intake.h - from a POST to an execution: the one way in for every form of asking, so that each
 * mistake has the same words in all of them, and nothing is sent to a box before the whole request
 * has been found good.
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

#include "front/execution.h"

#define INTAKE_KEY_MAX_BYTES 255

/* The exchange has its execution, with service->caller as in a handler's call. Attach a listener
 * within the call, or the archive keeps it. */
typedef void intake_begun(struct service *service, struct execution *execution,
                          struct exchange *exchange);

/* Once, before the first request. Lends service for the life of the process. */
void intakes_init(struct service *service);

/* Begin the execution that the exchange asks for, or find the one that its Idempotency-Key names,
 * and call on_begun: now or in a later turn. Where that fails, the exchange is answered instead.
 * is_detached: it is to go on without a client, and be kept; one with a key is so in any case. */
void intake_take(struct service *service, struct exchange *exchange, bool is_detached,
                 intake_begun *on_begun);

#endif
