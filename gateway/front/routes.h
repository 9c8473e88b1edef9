/* routes.h - which handler answers which path and method.
 *
 * Paths are matched byte for byte as they were sent: no decoding, no normalisation, no trailing
 * slash forgiven; a segment in braces stands for any one that is not empty. A query is not looked
 * at: it is the handler's.
 */
#ifndef MAYFLY_ROUTES_H
#define MAYFLY_ROUTES_H

#include "front/service.h"

/* http_handlers; arg is the struct service. The second serves /metrics only, at an address of its
 * own, where one is configured: the first does not, then. */
void routes_handle(void *arg, struct exchange *exchange);
void routes_handle_metrics(void *arg, struct exchange *exchange);

/* An http_gate; arg is the struct service. */
bool routes_admit(void *arg, const struct guard_pass *pass, const char **owner,
                  struct problem *problem);

/* Does the path fit the pattern? Then *parameter is what stands for its segment in braces; empty
 * where it has none. */
bool route_matches(const char *pattern, struct bytes path, struct bytes *parameter);

#endif
