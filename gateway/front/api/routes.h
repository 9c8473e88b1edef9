/* routes.h - the table of paths and methods, and the handler of each.
 *
 * Paths are matched byte for byte as they were sent: no decoding and no normalisation. A path with
 * a trailing slash is another path; those of the documentation lead to the page. A segment in
 * braces matches any segment that is not empty. A query is not looked at: it is the handler's. The
 * routes of service->dialects come after the API's own.
 */
#ifndef MAYFLY_ROUTES_H
#define MAYFLY_ROUTES_H

#include "front/api/service.h"
#include "front/http/entrance.h"

/* http_handlers; arg is the struct service. The second serves /metrics only, at an address of its
 * own, where one is configured: the first does not, then. */
void routes_handle(void *arg, struct exchange *exchange);
void routes_handle_metrics(void *arg, struct exchange *exchange);

/* Their http_gates, with the same arg. The second knows no keys, so that it looks at Host and
 * Origin in any case. */
bool routes_admit(void *arg, const struct guard_pass *pass, const char **owner,
                  struct problem *problem);
bool routes_admit_metrics(void *arg, const struct guard_pass *pass, const char **owner,
                          struct problem *problem);

/* Does the path match the pattern? Then *parameter is the segment that matched the one in braces;
 * empty where there is none. */
bool route_matches(const char *pattern, struct bytes path, struct bytes *parameter);

#endif
