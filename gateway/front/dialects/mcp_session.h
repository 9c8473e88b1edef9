/* mcp_session.h - a call of a tool of sessions, from its arguments to its result.
 *
 * session_opening.h, session_movement.h and session_ask.h decide, as for the API's own routes. This
 * file only reads the arguments and writes the results. A call either begins a run, whose end gives
 * the result, or is settled without a run.
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
    /* Each member begins with the ask. MCP_SESSION_RUN and MCP_SESSION_CLOSE use only `ask`. */
    union {
        struct session_ask ask;
        struct session_opening opening;
        struct session_movement movement;
    };
    struct buf result; /* the members of the result, if they are short */
};

/* Make a call for the owner with this name. The result is owned by the caller. Borrows service and
 * `refused`. Returns NULL when memory is out. */
struct mcp_session *mcp_session_new(enum mcp_session_deed deed, const char *refused,
                                    struct service *service, const char *owner);
void mcp_session_free(struct mcp_session *session); /* NULL is a no-op */

/* Read the arguments into reading->request, and add each mistake. Returns false if the call needs
 * no run; mcp_session_settle then follows. The request borrows from the session, and both borrow
 * from the arguments. */
bool mcp_session_read(struct mcp_session *session, struct reading *reading,
                      const struct json *arguments);

/* Decide whether the call's run may begin. Returns INTAKE_OTHER if the call needs no run. */
enum intake_next mcp_session_admit(struct mcp_session *session, struct request *request,
                                   struct problem *problem);

/* Execute a call that needs no run, and write its result. */
void mcp_session_settle(struct mcp_session *session);
/* Returns the members of the result of a settled call. Valid as long as the session. */
struct bytes mcp_session_result(const struct mcp_session *session);

/* Begin to render the result of a run that has ended or was refused, with the frame around it.
 * Borrows all until the rendering is finished or not used any more. */
struct rendering mcp_session_begin(struct mcp_session *session, struct mcp_frame *frame,
                                   const struct transcript *transcript);

#endif
