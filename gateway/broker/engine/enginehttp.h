/* enginehttp.h - a call to the engine: an HTTP/1.1 request and its answer.
 *
 * Knows paths and bytes, but not their meaning (docker.h does). Callbacks follow the four laws in
 * loop.h. Each call has a deadline, and the size of its answer is limited.
 */
#ifndef MAYFLY_ENGINEHTTP_H
#define MAYFLY_ENGINEHTTP_H

#include "broker/engine/transfer.h"
#include "common/buf.h"

#define HTTP_ANSWER_MAX_BYTES ((size_t)8 << 20)

struct http_call;

/* The result of a call. status 0: there was no answer, and `error` says why (ERR_ENGINE: refused,
 * cut off or malformed; or ERR_TIMEOUT). body is valid during the callback. */
struct http_answer {
    long status;
    bool unsent; /* no connection was made */
    struct bytes body;
    struct error error;
};
typedef void http_answered(void *arg, const struct http_answer *answer);

/* Start a call. `body` (JSON; NULL for none) is copied. on_answered is called once, unless the call
 * is canceled. Fails with ERR_SYSTEM. The call is owned by `transfers`; the pointer is valid until
 * on_answered or http_call_cancel. */
struct http_call *http_call_start(struct transfers *transfers, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *on_answered, void *arg, struct error *err);
void http_call_cancel(struct http_call *call);

#endif
