/* executions.h - the endpoints that run programs: a JSON request becomes an execution.
 *
 *   /api/v1/execute
 *     POST                 the outcome; or a stream of events, if the client asks for
 *                          text/event-stream
 *   /api/v1/executions: runs that continue without their client, and are retrieved later
 *     POST                 202, Location and {"id","status"}; the body is that of /api/v1/execute
 *     GET    /{id}         {"id","status"} while it runs, then the answer of /api/v1/execute;
 *                          ?wait=SECONDS: answer when it has finished, or after that time
 *     GET    /{id}/events  its events, from the beginning or after Last-Event-ID
 *     DELETE /{id}         ends the run, and answers as GET does
 *
 * Every failure before the program's start is a problem with a 4xx or 5xx. Once a program was
 * started, the answer is 200 with a verdict. When a client of /execute hangs up, its run is
 * canceled, unless others wait for the run or it has an Idempotency-Key. The id of an execution
 * that is no longer kept is answered 410, an id that never existed 404.
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

/* Answer the one who has begun the execution, by its end or by events, as the client prefers. */
void executions_answer(const struct call *call, struct execution *execution);

/* 16 hex digits, lower case. */
bool executions_parse_id(struct bytes text, uint64_t *id);
/* Read "wait=1.5" into ms; 0 if the query is empty. Returns false with the mistake in errors. */
struct field_errors;
bool executions_parse_wait(struct bytes query, uint32_t *wait_ms, struct field_errors *errors);

#endif
