/* intake.h - from a POST to an execution: the one way in for every form of asking, so that each
 * mistake has the same words in all of them, and nothing is sent to a box before the whole request
 * has been found good.
 */
#ifndef MAYFLY_INTAKE_H
#define MAYFLY_INTAKE_H

#include "front/api/call.h"
#include "front/runs/execution.h"

#define INTAKE_KEY_MAX_BYTES 255

/* Begin the execution that the call asks for, or find the one that its Idempotency-Key names.
 * is_detached: it is to go on without a client, and be kept; one with a key is so in any case.
 * Attach a listener in the same turn. NULL: the exchange was answered. */
struct execution *intake_take(const struct call *call, bool is_detached);

#endif
