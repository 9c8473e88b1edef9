/* routes.h - the table of paths and methods, and the handler of each.
 *
 * Paths are compared byte for byte as they were sent, without decoding or normalisation. A path
 * with a trailing slash is another path; for documentation pages it redirects to the page. A
 * segment in braces matches any segment that is not empty; {path}, which must be the last segment,
 * matches the whole rest of the path. The query is ignored here; handlers read it. The API's own
 * routes come before those of service->dialects.
 */
#ifndef MAYFLY_ROUTES_H
#define MAYFLY_ROUTES_H

#include "front/api/service.h"
#include "front/http/entrance.h"
#include "front/http/exchange_view.h"

/* Two functions of type http_handler (entrance.h); arg is the struct service. routes_handle_metrics
 * serves only /metrics, on a separate address. If /metrics has no separate address, routes_handle
 * serves it too. */
void routes_handle(void *arg, struct exchange *exchange);
void routes_handle_metrics(void *arg, struct exchange *exchange);

/* The http_gates (entrance.h) that belong to the two handlers, with the same arg. The gate of
 * /metrics needs no key, so it always checks Host and Origin. */
bool routes_admit(void *arg, const struct guard_pass *pass, const char **owner,
                  struct problem *problem);
bool routes_admit_metrics(void *arg, const struct guard_pass *pass, const char **owner,
                          struct problem *problem);

/* Returns true if the path matches the pattern. Sets *parameters to the segments that the braces
 * matched, in order; empty where the pattern has none. */
bool route_matches(const char *pattern, struct bytes path, struct path_parameters *parameters);

#endif
