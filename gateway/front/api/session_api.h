/* session_api.h - the endpoints of sessions, but for their opening and their files.
 *
 *   /api/v1/sessions
 *     GET                          the caller's own live ones; does not count as use
 *   /api/v1/sessions/{id}
 *     GET                          the session; does not count as use
 *     DELETE                       204, also a second time; a run in it fails
 *   /api/v1/sessions/{id}/keepalive
 *     POST                         counts as use, and may set the idle time
 *   /api/v1/sessions/{id}/executions
 *     POST                         runs a cell: the body and answers of /api/v1/execute
 *   /api/v1/sessions/{id}/executions/{run}
 *     DELETE                       202: interrupts it
 *
 * An id that has ended is answered with 410 and the reason of its end, one that never was, or is
 * another key's, with 404.
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
