/* routes.h - the table of paths and methods, and the handler of each.
 *
 * Paths are matched byte for byte as they were sent: no decoding and no normalisation. A path with
 * a trailing slash is another path; those of the documentation redirect to the page. A segment in
 * braces matches any segment that is not empty; {path}, as the last, matches all that is left. The
 * query is ignored here; handlers read it. The routes of service->dialects come after the API's
 * own.
 */
#ifndef MAYFLY_ROUTES_H
#define MAYFLY_ROUTES_H

#include "front/api/service.h"
#include "front/http/entrance.h"
#include "front/http/exchange_view.h"

/* These are http_handlers; arg is the struct service. If /metrics has an address of its own, the
 * second handler serves it there, and nothing else. Otherwise the first serves /metrics too. */
void routes_handle(void *arg, struct exchange *exchange);
void routes_handle_metrics(void *arg, struct exchange *exchange);

/* These are their http_gates, with the same arg. The second knows no keys, so it always checks Host
 * and Origin. */
bool routes_admit(void *arg, const struct guard_pass *pass, const char **owner,
                  struct problem *problem);
bool routes_admit_metrics(void *arg, const struct guard_pass *pass, const char **owner,
                          struct problem *problem);

/* Does the path match the pattern? If so, *parameters are what matched the braces, in order. */
bool route_matches(const char *pattern, struct bytes path, struct path_parameters *parameters);

#endif
