/* executions.h - the endpoints that run programs.
 *
 *   /api/v1/execute
 *     POST                 the outcome; or a stream of events, if the client asks for
 *                          text/event-stream
 *   /api/v1/executions: runs that continue without their client, and are retrieved later
 *     POST                 202, Location and {"id","status"}; the body is that of /api/v1/execute
 *     GET /{id} {"id","status"} during the run, then the answer of /api/v1/execute;
 *                          with ?wait=SECONDS, answers at the end of the run, or after that time
 *     GET    /{id}/events  its events, from the beginning or after Last-Event-ID
 *     DELETE /{id}         ends the run, and answers as GET does
 *
 * A failure before the program has started is answered with a problem document and status 4xx or
 * 5xx. Once the program has started, the answer is 200 with a verdict. When a client of /execute
 * hangs up, its run is canceled, unless others wait for the run or the request has an
 * Idempotency-Key. An execution that is no longer kept gives 410, an id that never existed 404.
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

/* Answer the client that began the execution: with events if its Accept header prefers them, else
 * with the outcome when the execution ends. */
void executions_answer(const struct call *call, struct execution *execution);

/* Parse an id: 16 hex digits in lower case. Returns false, with *id untouched, otherwise. */
bool executions_parse_id(struct bytes text, uint64_t *id);
/* Read the query "wait=1.5" into milliseconds; 0 if the query is empty. A wrong query is added to
 * errors. Returns false if errors then has any mistake. */
struct field_errors;
bool executions_parse_wait(struct bytes query, uint32_t *wait_ms, struct field_errors *errors);

#endif
