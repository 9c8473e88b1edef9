/* session_opening.h - opens a session, or finds the live session with the same id.
 *
 * POST /api/v1/sessions answers 201 with the new session once it has its box and its files. If the
 * caller has a live session with this id, the answer is 200. The answer is 409 if the request asks
 * for another runtime or other limits. If the caller's session with this id has ended, the answer
 * is 410, and no session is made. If the client hangs up before the answer, no session is opened.
 *
 * Dialects use the steps below: complete, admit, then judge the run's end or find the session.
 */
#ifndef MAYFLY_SESSION_OPENING_H
#define MAYFLY_SESSION_OPENING_H

#include "front/api/call.h"
#include "front/api/intake.h"
#include "front/api/session_ask.h"

void sessions_handle_post(const struct call *call);

/* An opening, from its request to its end. Zero it, then call session_ask_init on `ask`. */
struct session_opening {
    struct session_ask ask;
    bool is_first;  /* its run opens the session; other openings may join it */
    struct job job; /* the job of its request; only numbers and names are valid */
    struct buf record;
};

void session_opening_release(struct session_opening *opening);

/* Complete a request whose members have been read, with ask.asked as reading->session. The request
 * borrows from the opening. */
void session_opening_complete(struct session_opening *opening, struct reading *reading);

/* Decide how the request continues. Returns INTAKE_OTHER if the session is live, or if another
 * request is opening it. */
enum intake_next session_opening_admit(struct session_opening *opening, struct request *request,
                                       struct problem *problem);

/* After INTAKE_OTHER: returns the run that opens the session, valid for this turn, or NULL if the
 * session is live. */
struct execution *session_opening_joined(const struct session_opening *opening);
/* Count the request as use of the live session. Returns false with the problem. */
bool session_opening_find(struct session_opening *opening, struct problem *problem);

/* Judge the run after it has ended or was refused. Returns true if the ask now has the session that
 * the client wants. Returns false with the problem, whose texts are valid as long as the opening
 * and `errors`. */
bool session_opening_judge(struct session_opening *opening, const struct transcript *transcript,
                           struct field_errors *errors, struct problem *problem);

#endif
