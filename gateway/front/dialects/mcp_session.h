/* mcp_session.h - a call of a tool of sessions, from its arguments to its result.
 *
 * The decisions are those of the API's own routes (session_opening.h, session_movement.h,
 * session_ask.h); here they become arguments and results. A call either has a run, whose end is its
 * result, or is settled without one.
 */
#ifndef MAYFLY_MCP_SESSION_H
#define MAYFLY_MCP_SESSION_H

#include "front/api/session_movement.h"
#include "front/api/session_opening.h"
#include "front/dialects/mcp_frame.h"

enum mcp_session_deed {
    MCP_NO_SESSION,
    MCP_SESSION_OPEN,
    MCP_SESSION_RUN,
    MCP_SESSION_FILES,
    MCP_SESSION_CLOSE,
};

struct mcp_session {
    enum mcp_session_deed deed;
    const char *refused; /* a sentence: the call did nothing */
    /* Each begins with the ask, which alone is used of a run and a close. */
    union {
        struct session_ask ask;
        struct session_opening opening;
        struct session_movement movement;
    };
    struct buf result; /* its members, where they are short */
};

/* Returns a call of this owner, owned by the caller. Borrows service and `refused`. NULL: no
 * memory. */
struct mcp_session *mcp_session_new(enum mcp_session_deed deed, const char *refused,
                                    struct service *service, const char *owner);
void mcp_session_free(struct mcp_session *session); /* NULL is a no-op */

/* Read the arguments into reading->request, and add each mistake. Returns false when the call needs
 * no run: mcp_session_settle follows. The request borrows from the session, and both from the
 * arguments. */
bool mcp_session_read(struct mcp_session *session, struct reading *reading,
                      const struct json *arguments);

/* May its run begin? INTAKE_OTHER: it needs none. */
enum intake_next mcp_session_admit(struct mcp_session *session, struct request *request,
                                   struct problem *problem);

/* It needs no run: do it, and write the result. */
void mcp_session_settle(struct mcp_session *session);
/* Returns its members, once it is settled. Valid as long as the session. */
struct bytes mcp_session_result(const struct mcp_session *session);

/* Begin the text of the result in its frame: of the run, which has ended or was refused. Borrows
 * all until the rendering is finished or forgotten. */
struct rendering mcp_session_begin(struct mcp_session *session, struct mcp_frame *frame,
                                   const struct transcript *transcript);

#endif
