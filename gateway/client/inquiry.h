/* inquiry.h - one request whose answer is one document or one file, from its sending to the whole
 * answer.
 *
 * Sends it again while the gateway is busy (429, 503, a busy session) and time is left. Knows HTTP,
 * but not what an answer means.
 */
#ifndef MAYFLY_INQUIRY_H
#define MAYFLY_INQUIRY_H

#include "client/call.h"

#define INQUIRY_STALL_MS 30000
#define INQUIRY_ANSWER_MAX_BYTES ((size_t)256 << 20)

/* Every member is borrowed. */
struct inquiry {
    struct calls *calls;
    const char *method, *url;
    const char *key;       /* NULL: none */
    const char *body_type; /* NULL: JSON */
    struct bytes body;
    uint32_t wait_ms; /* the answer must be complete within this time, if bytes move in between */
    int signals;      /* of signals_open; -1: signals have their usual effect */
};

enum inquiry_end {
    INQUIRY_ANSWERED, /* with a status from 200 to 299 */
    INQUIRY_REFUSED,  /* with another status: the notices say why */
    INQUIRY_SIGNALED, /* a signal came */
};

/* Append the body of the answer, and set *status, when it is ANSWERED. When it is REFUSED, set
 * *status (0: no gateway answered), and append notices about it. When it is SIGNALED, set *status
 * to the signal's number. */
enum inquiry_end inquiry_run(const struct inquiry *inquiry, struct buf *answer, struct buf *notices,
                             long *status);

#endif
