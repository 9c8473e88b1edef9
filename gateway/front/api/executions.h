/* executions.h - the endpoints that run programs: a JSON request becomes an execution.
 *
 *   /api/v1/execute
 *     POST                 the outcome; or all that the run says, as it says it, where the client
 *                          asks for text/event-stream
 *   /api/v1/executions: runs that continue without their client, to be asked for later
 *     POST                 202, Location and {"id","status"}; the body is that of /api/v1/execute
 *     GET    /{id}         {"id","status"} while it runs, then what /api/v1/execute would answer;
 *                          ?wait=SECONDS: not before it has finished or so long has passed
 *     GET    /{id}/events  what the run says, from its beginning or after Last-Event-ID
 *     DELETE /{id}         ends the run, and answers as GET
 *
 * Whatever fails before the program's start is a problem with a 4xx or 5xx; whatever becomes of a
 * program that was started is 200 with a verdict. A client of /execute that hangs up ends its run,
 * unless others wait for it too or it has an Idempotency-Key, by which it can be asked for again.
 * An id of an execution that is not kept any more is 410, one that never existed 404.
 */
#ifndef MAYFLY_EXECUTIONS_H
#define MAYFLY_EXECUTIONS_H

#include "front/api/call.h"

#define EXECUTIONS_WAIT_MAX_MS 60000

void execute_handle_post(const struct call *call);
void executions_handle_post(const struct call *call);
void executions_handle_get(const struct call *call);
void executions_handle_events(const struct call *call);
void executions_handle_delete(const struct call *call);

/* 16 hex digits, lower case. */
bool executions_parse_id(struct bytes text, uint64_t *id);
/* Read "wait=1.5" into ms; 0 where the query is empty. False: errors says what is wrong. */
struct field_errors;
bool executions_parse_wait(struct bytes query, uint32_t *wait_ms, struct field_errors *errors);

#endif
