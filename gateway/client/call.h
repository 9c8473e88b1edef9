/* call.h - one POST to a gateway, its answer handed on as it comes; libcurl behind it.
 *
 * Knows HTTP, but neither events nor JSON. Redirects are not followed; a proxy is, where the
 * environment names one as curl reads it. Heads are capped. The only deadline kept here is that of
 * connecting (CALL_CONNECT_MS); the others are the caller's, who sees when something was last
 * heard.
 *
 * Callbacks come from within call_turn only, never from within another callback.
 */
#ifndef MAYFLY_CALL_H
#define MAYFLY_CALL_H

#include <curl/curl.h>

#include "common/buf.h"
#include "common/error.h"

#define CALL_CONNECT_MS 10000

struct call;

struct call_events {
    /* Some bytes of the answer's body, lent. False: no more of them, please; ended then comes with
     * an error that means nothing. */
    bool (*body)(void *arg, struct bytes bytes);
    /* Exactly once for each call_start unless call_stop came first: the body is whole (NULL), or
     * what went wrong. */
    void (*ended)(void *arg, const struct error *why);
};

/* Lends url, key (NULL: none) and body until call_free; keeps events and arg. NULL with ERR_SYSTEM.
 */
struct call *call_new(const char *url, const char *key, struct bytes body,
                      const struct call_events *events, void *arg, struct error *err);
void call_free(struct call *call); /* hangs up; NULL is fine */

/* Send the request. Not while one is on its way. Fails with ERR_SYSTEM. */
bool call_start(struct call *call, struct error *err);
/* Hang up, which cancels the run. Fine in every state, but not within a callback. */
void call_stop(struct call *call);

/* Wait for something to move, or for one of `count` descriptors, at most timeout_ms; then move what
 * can be moved. Fails with ERR_SYSTEM. */
bool call_turn(struct call *call, struct curl_waitfd *descriptors, unsigned count, int timeout_ms,
               struct error *err);

/* Of the answer: from its first body byte until the next call_start. */
long call_status(const struct call *call);
bool call_has_type(const struct call *call, const char *media_type); /* parameters aside */
/* False when the header is absent or no number of seconds. */
bool call_retry_after(const struct call *call, uint64_t *seconds);

/* When bytes last moved, either way (of clock_now_ms). */
uint64_t call_heard_ms(const struct call *call);

#endif
