/* session_ask.h - a request about one session: whose it is, which session it names, and what the
 * session's state allows.
 *
 * Every route of sessions asks here, so that a problem has the same words everywhere.
 */
#ifndef MAYFLY_SESSION_ASK_H
#define MAYFLY_SESSION_ASK_H

#include "front/api/call.h"
#include "front/api/session_request.h"
#include "front/runs/sessions.h"

struct request;

/* A zeroed ask is released. */
struct session_ask {
    struct service *service;
    char owner[JOB_OWNER_NAME_MAX + 1];
    char name[JOB_SESSION_NAME_MAX + 1]; /* as in the path; "": none, or it cannot be a name */
    struct session *session;             /* held; NULL: not found yet */
    struct session_request asked;
    struct error why; /* the problem's texts */
    char running[JOB_EXECUTION_MAX + 1];
};

/* Begin with the session that the path names, which is not looked up yet. */
void session_ask_init(struct session_ask *ask, const struct call *call);
/* Begin with the owner's name, and without a session. */
void session_ask_init_for(struct session_ask *ask, struct service *service, const char *owner);
void session_ask_release(struct session_ask *ask);

/* Returns the table of sessions. */
struct sessions *session_ask_table(const struct session_ask *ask);

/* Does the broker's table lie here? Returns false with a 503. */
bool session_ask_is_known(struct session_ask *ask, struct problem *problem);
/* Find the session, which is live or being opened. Returns false with a 503, a 404, or a 410 that
 * says why it has ended. The problem's texts are valid as long as the ask. */
bool session_ask_find(struct session_ask *ask, struct problem *problem);
/* The same, and it is idle, or `waits` is set. Returns false with a 409, too. */
bool session_ask_turn(struct session_ask *ask, bool waits, struct problem *problem);
/* Returns the 409 of a session that is busy, and the 410 of one that has ended. */
struct problem session_ask_busy(struct session_ask *ask);
struct problem session_ask_gone(enum session_reason reason);

/* Order something of the session that was found. Returns false with a 503. */
bool session_ask_order(struct session_ask *ask, const struct session_order *order,
                       struct problem *problem);

/* The session has what the request needs, or `waits` is set. Returns false with the problem, also
 * when the request was read before the session was there. */
bool session_ask_admit(struct session_ask *ask, bool waits, const struct request *request,
                       struct problem *problem);

/* End the session; one that has ended already is fine. Returns false with the problem. */
bool session_ask_end(struct session_ask *ask, struct problem *problem);

/* Make a request one of the session: its runtime, limits and environment. Borrows the session. It
 * then has no cell. */
void session_ask_prepare(const struct session_ask *ask, struct request *request);

/* A request for a cell is read between these two: reading->session is then that of the ask. If the
 * session is not there, session_ask_admit says so, once the body is known to be valid. */
void session_ask_begin_cell(struct session_ask *ask, struct reading *reading);
void session_ask_end_cell(const struct session_ask *ask, struct request *request);

/* Answer with the session as JSON. */
void session_ask_answer(struct exchange *exchange, int status, const struct session *session);
struct json_out;
void session_ask_put(struct json_out *json, const struct session *session);
#define SESSION_JSON_MAX_BYTES 2048

#endif
