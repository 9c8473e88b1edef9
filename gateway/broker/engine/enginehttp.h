/* enginehttp.h - a call to the engine: an HTTP/1.1 request with one answer.
 *
 * Knows paths and bytes, not what they mean (docker.h does). Callbacks follow the four laws in
 * loop.h. Every call has a deadline and a maximum size of its answer.
 */
#ifndef MAYFLY_ENGINEHTTP_H
#define MAYFLY_ENGINEHTTP_H

#include "broker/engine/transfer.h"
#include "common/buf.h"

#define HTTP_ANSWER_MAX_BYTES ((size_t)8 << 20)

struct http_call;

/* The result of a call. status 0: no answer came, and error says why (ERR_ENGINE: refused, cut or
 * malformed; ERR_TIMEOUT). body is valid during the callback. */
struct http_answer {
    long status;
    bool unsent; /* no connection was made */
    struct bytes body;
    struct error error;
};
typedef void http_answered(void *arg, const struct http_answer *answer);

/* Start a call. `body` (JSON, NULL for none) is copied. The answer comes once, unless canceled.
 * Fails with ERR_SYSTEM. The call is owned by `transfers`; the pointer is valid until the call is
 * answered or canceled. */
struct http_call *http_call_start(struct transfers *transfers, const char *method, const char *path,
                                  const struct bytes *body, uint32_t timeout_ms,
                                  http_answered *on_answered, void *arg, struct error *err);
void http_call_cancel(struct http_call *call);

#endif
