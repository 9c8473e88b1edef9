/* routes.h - which handler answers which path and method.
 *
 * Paths are matched byte for byte as they were sent: no decoding, no normalisation, no trailing
 * slash forgiven. A query is ignored.
 */
#ifndef MAYFLY_ROUTES_H
#define MAYFLY_ROUTES_H

#include "common/config.h"
#include "front/http.h"
#include "front/link.h"

/* What every handler works with. */
struct service {
    const struct config *config;
    struct reactor *reactor;
    struct link *link;
    bool draining;                /* new runs are refused; the rest goes on */
    struct execution *executions; /* execute.c's list of those that wait for their run */
};

/* An http_handler; arg is the struct service. */
void routes_handle(void *arg, struct exchange *exchange);

#endif
