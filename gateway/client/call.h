/* call.h - requests to a gateway, their responses handed on as they arrive; libcurl inside.
 *
 * Knows HTTP, but neither events nor JSON. Follows no redirects. Uses a proxy where the environment
 * names one as curl reads it. Heads are capped. The only deadline here is that of connecting
 * (CALL_CONNECT_MS). The caller keeps the others: call_heard_ms says when bytes last moved.
 *
 * Callbacks come only from within calls_turn, never from within another callback.
 */
#ifndef MAYFLY_CALL_H
#define MAYFLY_CALL_H

#include <curl/curl.h>

#include "common/buf.h"
#include "common/error.h"

#define CALL_CONNECT_MS 10000

struct calls; /* the calls of one loop */
struct call;

/* Returns NULL with ERR_SYSTEM. */
struct calls *calls_new(struct error *err);
void calls_free(struct calls *calls); /* when all its calls have been freed; NULL is allowed */

struct call_header {
    const char *name, *value;
};

/* Every member is valid until call_free. */
struct call_request {
    const char *method; /* NULL: POST */
    const char *url;
    const char *key;                   /* NULL: none */
    const char *accept;                /* media types */
    const struct call_header *headers; /* further ones, ended by a NULL name; NULL: none */
    struct bytes body;                 /* not sent with GET and DELETE */
    const char *body_type;             /* NULL: JSON */
};

struct call_events {
    /* Hands over some bytes of the response's body, borrowed. Return false to get no more of them;
     * `ended` then comes with a meaningless error. */
    bool (*body)(void *arg, struct bytes bytes);
    /* Called exactly once for each call_start, unless call_stop came first. NULL: the body is
     * complete. Otherwise `why` is the failure. */
    void (*ended)(void *arg, const struct error *why);
};

/* Keeps calls, events and arg. Returns NULL with ERR_SYSTEM. */
struct call *call_new(struct calls *calls, const struct call_request *request,
                      const struct call_events *events, void *arg, struct error *err);
void call_free(struct call *call); /* closes the connection; NULL is allowed */

/* Send the request. Not allowed while a call is pending, nor within a callback. Fails with
 * ERR_SYSTEM. */
bool call_start(struct call *call, struct error *err);
/* Close the connection, which cancels the run. Allowed in every state, but not within a
 * callback. */
void call_stop(struct call *call);

/* Wait at most timeout_ms for network events, or for one of `count` descriptors. Then make
 * progress. Fails with ERR_SYSTEM. */
bool calls_turn(struct calls *calls, struct curl_waitfd *descriptors, unsigned count,
                int timeout_ms, struct error *err);

/* Returns the response's status. Valid from its first body byte until the next call_start. */
long call_status(const struct call *call);
bool call_has_type(const struct call *call, const char *media_type); /* ignores parameters */
/* Returns false when the header is absent or no number of seconds. */
bool call_retry_after(const struct call *call, uint64_t *seconds);

/* Returns when bytes last moved, in either direction (of clock_now_ms). */
uint64_t call_heard_ms(const struct call *call);

#endif
