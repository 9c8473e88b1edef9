/* refusal.h - a response that is not a result: a gateway's problem document (RFC 9457), or a
 * proxy's error page.
 *
 * Pure. The body is not trusted: any content gives a usable notice.
 */
#ifndef MAYFLY_REFUSAL_H
#define MAYFLY_REFUSAL_H

#include "common/buf.h"

struct refusal {
    long status;       /* HTTP status, 100 to 599 */
    char code[48];     /* such as "busy"; "" if the body has none */
    char detail[400];  /* "" if the body has none */
    char reason[32];   /* the reason why a session has ended; "" if the body has none */
    struct buf fields; /* a notice for each bad field */
};

/* Read the body of a response with this HTTP status. Status 0: the body is an event's data; the
 * status is then taken from it, or 500. Call refusal_release in any case. */
void refusal_read(struct refusal *refusal, long status, struct bytes body);
void refusal_release(struct refusal *refusal);

/* Returns true if the program did not start for a temporary reason, so that a retry makes sense. */
bool refusal_is_passing(const struct refusal *refusal);

/* Returns true if another run has the session. */
bool refusal_is_of_busy_session(const struct refusal *refusal);

/* Returns true if the refusal says that a session has ended, or that the gateway does not know it
 * (any more). */
bool refusal_is_of_session(const struct refusal *refusal);

/* Append notices: the gateway's message, then a line for each bad field. */
void refusal_describe(const struct refusal *refusal, struct buf *notices);

#endif
