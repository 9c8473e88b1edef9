/* call.h - sends requests to a gateway by libcurl, and passes on their responses as they arrive.
 *
 * Knows HTTP, but neither events nor JSON. Does not follow redirects. Uses a proxy if curl's
 * environment variables name one. The size of response headers is capped. The only timeout here is
 * for connecting (CALL_CONNECT_MS). A caller with timeouts of its own can use call_heard_ms: the
 * time when bytes last arrived or left.
 *
 * Callbacks come only from within calls_turn, and never nested.
 */
#ifndef MAYFLY_CALL_H
#define MAYFLY_CALL_H

#include <curl/curl.h>

#include "common/buf.h"
#include "common/error.h"

#define CALL_CONNECT_MS 10000

struct calls; /* all calls of one event loop */
struct call;

/* Returns NULL with ERR_SYSTEM on failure. */
struct calls *calls_new(struct error *err);
void calls_free(struct calls *calls); /* free all its calls first; NULL is allowed */

struct call_header {
    const char *name, *value;
};

/* All pointers must stay valid until call_free. */
struct call_request {
    const char *method; /* NULL: POST */
    const char *url;
    const char *key;                   /* NULL: none */
    const char *accept;                /* media types */
    const struct call_header *headers; /* further headers, ended by a NULL name; NULL: none */
    struct bytes body;                 /* not sent with GET and DELETE */
    const char *body_type;             /* NULL: JSON */
};

struct call_events {
    /* Some bytes of the response's body, valid during the callback. Return false to stop receiving;
     * `ended` is then called with an arbitrary error. */
    bool (*body)(void *arg, struct bytes bytes);
    /* Called exactly once for each call_start, unless call_stop was called before. `why` is NULL if
     * the body is complete; else it is the failure. */
    void (*ended)(void *arg, const struct error *why);
};

/* Keeps calls, events and arg. Returns NULL with ERR_SYSTEM on failure. */
struct call *call_new(struct calls *calls, const struct call_request *request,
                      const struct call_events *events, void *arg, struct error *err);
void call_free(struct call *call); /* closes the connection; NULL is allowed */

/* Send the request. Not allowed while a call is pending, nor within a callback. Fails with
 * ERR_SYSTEM. */
bool call_start(struct call *call, struct error *err);
/* Close the connection; the gateway then cancels the run. Allowed in every state, but not within a
 * callback. */
void call_stop(struct call *call);

/* Wait for network events or one of the `count` descriptors, at most timeout_ms. Then send and
 * receive what is possible. Fails with ERR_SYSTEM. */
bool calls_turn(struct calls *calls, struct curl_waitfd *descriptors, unsigned count,
                int timeout_ms, struct error *err);

/* Returns the HTTP status. Valid from the first byte of the body until the next call_start. */
long call_status(const struct call *call);
bool call_has_type(const struct call *call, const char *media_type); /* ignores parameters */
/* Returns how many ms to wait before a retry: the gateway's Retry-After, or one second. */
uint64_t call_pause_ms(const struct call *call);

/* Returns when bytes last arrived or left (of clock_now_ms). */
uint64_t call_heard_ms(const struct call *call);

#endif
