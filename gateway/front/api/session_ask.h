/* session_ask.h - a request about one session: finds the session that the request names, and checks
 * whether the session's state allows the request.
 *
 * All routes of sessions use this, so a problem has the same words everywhere.
 */
#ifndef MAYFLY_SESSION_ASK_H
#define MAYFLY_SESSION_ASK_H

#include "front/api/call.h"
#include "front/api/session_request.h"
#include "front/runs/sessions.h"

struct request;

/* A run of a session without a cell has this source, because a job must have one (job.h). */
#define SESSION_NO_CELL "-"
/* A client may try again after this time, if a request was refused for a temporary fault of the
 * broker or the box. */
#define SESSION_RETRY_MS 1000

/* A zeroed ask holds nothing, and need not be released. */
struct session_ask {
    struct service *service;
    char owner[JOB_OWNER_NAME_MAX + 1];
    char name[JOB_SESSION_NAME_MAX + 1]; /* from the path; "": none, or no valid name */
    struct session *session;             /* held; NULL: not found yet */
    struct session_request asked;
    struct error why; /* the problem's texts */
    char running[JOB_EXECUTION_MAX + 1];
};

/* Begin an ask with the name in the path. Does not look the session up. */
void session_ask_init(struct session_ask *ask, const struct call *call);
/* Begin an ask with the owner's name, and without a session. */
void session_ask_init_for(struct session_ask *ask, struct service *service, const char *owner);
void session_ask_release(struct session_ask *ask);

/* Returns the table of sessions. */
struct sessions *session_ask_table(const struct session_ask *ask);

/* Returns true if the broker has reported its sessions, else false with a 503. */
bool session_ask_is_known(struct session_ask *ask, struct problem *problem);
/* Find the session, which is live or being opened. Returns false with a 503, a 404, or a 410 that
 * says why it has ended. The problem's texts are valid as long as the ask. */
bool session_ask_find(struct session_ask *ask, struct problem *problem);
/* Find the live session. Returns false as session_ask_find does, or with a 409 while it is being
 * opened. */
bool session_ask_find_live(struct session_ask *ask, struct problem *problem);
/* Return the 409 for a busy session, and the 410 for an ended session. */
struct problem session_ask_busy(struct session_ask *ask);
struct problem session_ask_gone(enum session_reason reason);

/* Send an order about the session that was found to the broker. Returns false with a 503. */
bool session_ask_order(struct session_ask *ask, const struct session_order *order,
                       struct problem *problem);

/* Find the live session, and check that the request may begin: the session is idle, or the run
 * waits for its turn. Returns false as session_ask_find_live does, or with a 409. It is also a 409
 * if the session was not live yet when the body was read. */
bool session_ask_admit(struct session_ask *ask, bool waits, const struct request *request,
                       struct problem *problem);

/* End the session. Returns true if it is ended now, even if it had ended before. Returns false with
 * the problem. */
bool session_ask_end(struct session_ask *ask, struct problem *problem);

/* Give the request the runtime, limits and environment of the session. The request is then for a
 * run of the session without a cell. Borrows the session. */
void session_ask_prepare(const struct session_ask *ask, struct request *request);

/* Call these before and after a cell's request is read. They let the request be read into the ask.
 * A missing session is no mistake here: session_ask_admit reports it once the body is known to be
 * valid. */
void session_ask_begin_cell(struct session_ask *ask, struct reading *reading);
void session_ask_end_cell(const struct session_ask *ask, struct request *request);

/* Answer with the session as JSON. */
void session_ask_answer(struct exchange *exchange, int status, const struct session *session);
struct json_out;
void session_ask_put(struct json_out *json, const struct session *session);

#endif
