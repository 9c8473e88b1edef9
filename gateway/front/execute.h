/* execute.h - POST /api/v1/execute: a JSON request becomes a run, and its outcome the answer.
 *
 * An execution is an exchange that waits for its run. Either may end first: the client hangs up and
 * the run is cancelled, or the run ends and the exchange is answered. What could go wrong before
 * the program's start is a problem with a 4xx or 5xx; whatever becomes of a program that was
 * started is 200 with a verdict.
 */
#ifndef MAYFLY_EXECUTE_H
#define MAYFLY_EXECUTE_H

#include "front/routes.h"

void execute_handle(struct service *service, struct exchange *exchange);

/* The gateway stops now: cancel every run that is still going and answer for it, "failed" when it
 * had started and 503 otherwise. */
void execute_cancel_all(struct service *service);

#endif
