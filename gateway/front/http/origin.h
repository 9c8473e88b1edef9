/* origin.h - by which names this gateway is called, and which web pages may call it.
 *
 * A browser runs the pages of strangers, and reaches what its user reaches: this gateway too. Where
 * no key tells callers apart, two things keep such a page out. A page whose name a stranger's DNS
 * server points at us is of one origin with us in the browser's eyes; but its Host is a name that
 * we do not have. Any other page says in Origin or Sec-Fetch-Site that it is not ours.
 *
 * Pages of the origins in MAYFLY_CORS_ORIGINS may call, with or without keys, and read the answers
 * (CORS). Programs that are no browsers send none of these headers but Host.
 *
 * Pure. Knows neither h2o nor keys.
 */
#ifndef MAYFLY_ORIGIN_H
#define MAYFLY_ORIGIN_H

#include "common/config.h"
#include "front/http/guard.h"
#include "front/http/problem.h"

/* The answer to a preflight names the headers that a page may send beyond those that it always may,
 * and for how many seconds its browser may believe that. Chromium believes nothing longer. */
#define ORIGIN_ALLOWED_HEADERS                                                                     \
    "authorization, content-type, idempotency-key, last-event-id, mcp-method, mcp-name, "          \
    "mcp-protocol-version, traceparent, x-api-key, x-request-id"
#define ORIGIN_MAX_AGE_S "7200"

/* Is this Host one that we are called by: localhost or a name below it, an address, a name of
 * MAYFLY_HOSTS or of MAYFLY_LISTEN; with any port? A missing Host counts as known, since every
 * browser sends one. */
bool origin_is_host_known(const struct config *config, struct bytes host);

/* Is this Origin, byte for byte, one of MAYFLY_CORS_ORIGINS? */
bool origin_is_listed(const struct config *config, struct bytes origin);

/* Does a browser ask whether a page of a listed origin may send a request? */
bool origin_is_preflight(const struct config *config, const struct guard_pass *pass);

/* A header of an answer. The name is static, the value lent by the Origin, or static. */
struct origin_header {
    const char *name;
    struct bytes value;
};
#define ORIGIN_HEADERS_MAX 3

/* Write the headers that tell a browser who may read the answer to a request with this Origin,
 * which may be absent. Returns their number. */
size_t origin_headers(const struct config *config, struct bytes origin,
                      struct origin_header headers[ORIGIN_HEADERS_MAX]);

/* May it pass, where no key tells callers apart? False: *problem is a 421 or a 403; its strings are
 * static. What a page of another site can do is follow a link to us: a GET or HEAD that replaces
 * the page itself, and whose answer it does not see. */
bool origin_admits(const struct config *config, const struct guard_pass *pass,
                   struct problem *problem);
/* The second half of it, for a request with a key, whose Host may be any: may this page call?
 * False: *problem is a 403. */
bool origin_admits_page(const struct config *config, const struct guard_pass *pass,
                        struct problem *problem);

#endif
