/* inquiry.h - sends one request, and receives the whole answer: one document or one file.
 *
 * Sends the request again while the gateway is busy (429, 503, a busy session) and time is left.
 * Knows HTTP, but not the meaning of an answer.
 */
#ifndef MAYFLY_INQUIRY_H
#define MAYFLY_INQUIRY_H

#include "client/call.h"

#define INQUIRY_STALL_MS 30000
#define INQUIRY_ANSWER_MAX_BYTES ((size_t)256 << 20)

/* All members are borrowed. */
struct inquiry {
    struct calls *calls;
    const char *method, *url;
    const char *key;       /* NULL: none */
    const char *body_type; /* NULL: JSON */
    struct bytes body;
    /* the answer must be complete within this time; INQUIRY_STALL_MS without bytes ends the wait */
    uint32_t wait_ms;
    int signals; /* from signals_open; -1: signals have their usual effect */
};

enum inquiry_end {
    INQUIRY_ANSWERED, /* the status was from 200 to 299 */
    INQUIRY_REFUSED,  /* another status, or no answer: the notices say why */
    INQUIRY_SIGNALED, /* a signal came */
};

/* Run the inquiry to its end. If ANSWERED, append the body to `answer`, and set *status. If
 * REFUSED, set *status (0: no gateway answered), and append to `notices`. If SIGNALED, set *status
 * to the signal's number. */
enum inquiry_end inquiry_run(const struct inquiry *inquiry, struct buf *answer, struct buf *notices,
                             long *status);

#endif
