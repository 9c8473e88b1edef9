/* refusal.h - a gateway's response that is no result: a problem document (RFC 9457), or a proxy's
 * error page.
 *
 * Pure. The body is not trusted: any body leads to a sensible notice.
 */
#ifndef MAYFLY_REFUSAL_H
#define MAYFLY_REFUSAL_H

#include "common/buf.h"

struct refusal {
    long status;       /* HTTP status, 100 to 599 */
    char code[48];     /* "busy"; "" where the body has none */
    char detail[400];  /* "" where the body has none */
    char reason[32];   /* why a session has ended; "" where the body has none */
    struct buf fields; /* a notice for each bad field */
};

/* Read the body of a response with this status. Status 0 means an event's body: its own status
 * counts, or 500 where it has none. Call refusal_release in any case. */
void refusal_read(struct refusal *refusal, long status, struct bytes body);
void refusal_release(struct refusal *refusal);

/* Returns true if the program did not start for a temporary reason, so that a retry may succeed. */
bool refusal_is_passing(const struct refusal *refusal);

/* Returns true if it says that a session has ended. */
bool refusal_is_of_session(const struct refusal *refusal);

/* Append its notices: the gateway's message, then a line for each field. */
void refusal_describe(const struct refusal *refusal, struct buf *notices);

#endif
