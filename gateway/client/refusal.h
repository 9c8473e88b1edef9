/* refusal.h - a gateway's answer that is no result: a problem document (RFC 9457), or what a proxy
 * in between has to say.
 *
 * Pure. The body is a stranger's: whatever it holds, this says something sensible of it.
 */
#ifndef MAYFLY_REFUSAL_H
#define MAYFLY_REFUSAL_H

#include "common/buf.h"

struct refusal {
    long status;       /* of HTTP, 100 to 599 */
    char code[48];     /* "busy"; "" where the body gave none */
    char detail[400];  /* "" where the body gave none */
    struct buf fields; /* a notice for each field that is wrong */
};

/* Read the body of an answer with this status; status 0 means the one that the body names (an
 * event's), 500 where it names none. Release it in any case. */
void refusal_read(struct refusal *refusal, long status, struct bytes body);
void refusal_release(struct refusal *refusal);

/* Whether the program did not start for reasons that pass: worth another try. */
bool refusal_is_passing(const struct refusal *refusal);

/* Append its notices: what the gateway said, then a line for each field. */
void refusal_describe(const struct refusal *refusal, struct buf *notices);

#endif
