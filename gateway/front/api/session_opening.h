/* session_opening.h - opens a session, or finds the live one of that id.
 *
 * POST /api/v1/sessions: 201 with the session when it has its box and its files. 200 with the
 * caller's own live one of the id, unless the request asks for another runtime or other limits
 * (409). 410 where the id has ended: it is never made anew. A client that hangs up before the
 * answer opens none.
 *
 * A dialect uses the parts: read, admit, then judge the run's end, or find the session.
 */
#ifndef MAYFLY_SESSION_OPENING_H
#define MAYFLY_SESSION_OPENING_H

#include "front/api/call.h"
#include "front/api/intake.h"
#include "front/api/session_ask.h"

void sessions_handle_post(const struct call *call);

/* An opening from its request to its end. A zeroed one is released; begin with session_ask_init. */
struct session_opening {
    struct session_ask ask;
    bool is_first;  /* it has asked for the opening; others have joined it */
    struct job job; /* what it asks for; only its numbers and names are valid */
    struct buf record;
};

void session_opening_release(struct session_opening *opening);

/* The members of the request have been read, with reading->session that of the ask: complete it.
 * The request borrows from the opening. */
void session_opening_complete(struct session_opening *opening, struct reading *reading);

/* INTAKE_OTHER: the session is there, or another request opens it. */
enum intake_next session_opening_admit(struct session_opening *opening, struct request *request,
                                       struct problem *problem);

/* After INTAKE_OTHER: returns the run that opens it, valid for this turn; NULL: it is live. */
struct execution *session_opening_joined(const struct session_opening *opening);
/* The session is live: count this as use. Returns false with the problem. */
bool session_opening_find(struct session_opening *opening, struct problem *problem);

/* The run has ended or was refused: is the session that was asked for in the ask? Returns false
 * with the problem, whose texts are valid as long as the opening and `errors`. */
bool session_opening_judge(struct session_opening *opening, const struct transcript *transcript,
                           struct field_errors *errors, struct problem *problem);

#endif
