/* session_opening.h - POST /api/v1/sessions: opens a session, or finds the live one of that id.
 *
 * 201 with the session when it has its box and its files. 200 with the caller's own live one of
 * the id, unless the request asks for another runtime or other limits (409). 410 where the id has
 * ended: it is never made anew. A client that hangs up before the answer opens none.
 */
#ifndef MAYFLY_SESSION_OPENING_H
#define MAYFLY_SESSION_OPENING_H

#include "front/api/call.h"

void sessions_handle_post(const struct call *call);

#endif
