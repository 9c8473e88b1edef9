/* origin.h - the host names of this gateway, and the web pages that may call it.
 *
 * A browser runs the pages of strangers, and can reach everything that its user can reach, this
 * gateway too. Where no keys are required, two checks keep such a page out. If a stranger's DNS
 * server points the name of a page at us, the browser takes us for the page's own origin; but the
 * Host is then a name that we do not have. For any other page, Origin or Sec-Fetch-Site shows that
 * it is foreign.
 *
 * Pages of the origins in MAYFLY_CORS_ORIGINS may call, with or without keys, and read the answers
 * (CORS). Programs other than browsers send none of these headers but Host.
 *
 * Pure. Knows neither h2o nor keys.
 */
#ifndef MAYFLY_ORIGIN_H
#define MAYFLY_ORIGIN_H

#include "common/config.h"
#include "front/http/guard.h"
#include "front/http/problem.h"

/* The answer to a preflight: the headers that a page may send in addition to those that are always
 * allowed, and for how many seconds the browser may cache the answer. Chromium caches it no longer
 * than this. */
#define ORIGIN_ALLOWED_HEADERS                                                                     \
    "authorization, content-type, idempotency-key, last-event-id, mcp-method, mcp-name, "          \
    "mcp-protocol-version, traceparent, x-api-key, x-request-id"
#define ORIGIN_MAX_AGE_S "7200"

/* Is this Host one of ours: localhost or a name below it, an address, or a name in MAYFLY_HOSTS or
 * MAYFLY_LISTEN, with any port? A missing Host counts as known, because every browser sends one. */
bool origin_is_host_known(const struct config *config, struct bytes host);

/* Is this Origin, byte for byte, one of MAYFLY_CORS_ORIGINS? */
bool origin_is_listed(const struct config *config, struct bytes origin);

/* Is this a preflight: does a browser ask whether a page of a listed origin may send a request? */
bool origin_is_preflight(const struct config *config, const struct guard_pass *pass);

/* A header of an answer. The name is static, the value borrowed from the Origin, or static. */
struct origin_header {
    const char *name;
    struct bytes value;
};
#define ORIGIN_HEADERS_MAX 3

/* Write the headers that tell a browser which pages may read the answer to a request with this
 * Origin. The Origin may be absent. Returns their number. */
size_t origin_headers(const struct config *config, struct bytes origin,
                      struct origin_header headers[ORIGIN_HEADERS_MAX]);

/* May this request pass where no keys are required? False: *problem is a 421 or a 403; its strings
 * are static. A page of another site may only link to us: that is a GET or HEAD which replaces the
 * page itself, and whose answer the page does not see. */
bool origin_admits(const struct config *config, const struct guard_pass *pass,
                   struct problem *problem);
/* The second half of it, for a request with a key, whose Host may be any: may this page call?
 * False: *problem is a 403. */
bool origin_admits_page(const struct config *config, const struct guard_pass *pass,
                        struct problem *problem);

#endif
