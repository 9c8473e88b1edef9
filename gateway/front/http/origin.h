/* origin.h - decides which host names are ours, and which web pages may call the gateway.
 *
 * A browser runs pages of strangers. Such a page can send requests to every address that the
 * browser can reach, so also to this gateway. If no keys are required, two checks keep these
 * requests out. A page can let its own domain name point to our address (DNS rebinding): then the
 * request's Host is not one of our names. For any other page, Origin or Sec-Fetch-Site shows that
 * it belongs to another site.
 *
 * Pages of the origins in MAYFLY_CORS_ORIGINS may call us and read the answers (CORS), with or
 * without keys. Programs that are not browsers send none of these headers except Host.
 *
 * Pure. Knows neither h2o nor keys.
 */
#ifndef MAYFLY_ORIGIN_H
#define MAYFLY_ORIGIN_H

#include "common/config.h"
#include "front/http/guard.h"
#include "front/http/problem.h"

/* These are parts of the answer to a preflight: the headers that a page may send besides those that
 * are always allowed, and the seconds for which the browser may cache the answer. Chromium caches
 * it for at most two hours. */
#define ORIGIN_ALLOWED_HEADERS                                                                     \
    "authorization, content-type, idempotency-key, last-event-id, mcp-method, mcp-name, "          \
    "mcp-protocol-version, traceparent, x-api-key, x-request-id"
#define ORIGIN_MAX_AGE_S "7200"

/* Returns true if this Host is ours: localhost or a subdomain of it, an address, or a name in
 * MAYFLY_HOSTS or MAYFLY_LISTEN, with any port. A missing Host counts as ours, because every
 * browser sends one. */
bool origin_is_host_known(const struct config *config, struct bytes host);

/* Returns true if this Origin is in MAYFLY_CORS_ORIGINS, byte for byte. */
bool origin_is_listed(const struct config *config, struct bytes origin);

/* Returns true for a preflight of a listed origin: a browser asks whether the page may send a
 * request. */
bool origin_is_preflight(const struct config *config, const struct guard_pass *pass);

/* A header of an answer. The name is static; the value is borrowed from the Origin, or static. */
struct origin_header {
    const char *name;
    struct bytes value;
};
#define ORIGIN_HEADERS_MAX 3

/* Write the headers that tell a browser which pages may read the answer to a request with this
 * Origin, which may be missing. Returns the number of headers. */
size_t origin_headers(const struct config *config, struct bytes origin,
                      struct origin_header headers[ORIGIN_HEADERS_MAX]);

/* Decide about a request when no keys are required. If it returns false, *problem is a 421 or 403
 * with static strings. A page of another site may only link to us: the GET or HEAD of such a link
 * replaces the page, and the page cannot read the answer. */
bool origin_admits(const struct config *config, const struct guard_pass *pass,
                   struct problem *problem);
/* Decide only whether this page may call, for a request with a key; its Host is not checked. If it
 * returns false, *problem is a 403. */
bool origin_admits_page(const struct config *config, const struct guard_pass *pass,
                        struct problem *problem);

#endif
