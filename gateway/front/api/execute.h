/* execute.h - POST /api/v1/execute: a JSON request becomes a run, and its outcome the answer; or,
 * where the client asks for text/event-stream, all that the run says as it says it.
 *
 * What could go wrong before the program's start is a problem with a 4xx or 5xx; whatever becomes
 * of a program that was started is 200 with a verdict. A client that hangs up ends its run, unless
 * others wait for it too or it has an Idempotency-Key, by which it can be asked for again.
 */
#ifndef MAYFLY_EXECUTE_H
#define MAYFLY_EXECUTE_H

#include "front/api/service.h"

void execute_handle(struct service *service, struct exchange *exchange);

#endif
