/* session_api.h - the endpoints of sessions, except for their opening and their files.
 *
 *   /api/v1/sessions
 *     GET                          the caller's live sessions; does not count as use
 *   /api/v1/sessions/{id}
 *     GET                          the session; does not count as use
 *     DELETE                       ends the session, and fails its runs: 204, even if it has ended
 *   /api/v1/sessions/{id}/keepalive
 *     POST                         counts as use, and may set the idle time
 *   /api/v1/sessions/{id}/executions
 *     POST                         runs a cell: the body and answers of /api/v1/execute
 *   /api/v1/sessions/{id}/executions/{run}
 *     DELETE                       interrupts the run: 202
 *
 * All other routes with an {id} answer 410, with the reason, if the session has ended. All routes
 * with an {id} answer 404 if the key has no session of this id, even if another key has one.
 */
#ifndef MAYFLY_SESSION_API_H
#define MAYFLY_SESSION_API_H

#include "front/api/call.h"

void sessions_handle_get(const struct call *call);
void session_handle_get(const struct call *call);
void session_handle_delete(const struct call *call);
void session_handle_keepalive(const struct call *call);
void session_handle_execute(const struct call *call);
void session_handle_interrupt(const struct call *call);

#endif
