/* route.h - a row in the table of routes: a path, its methods, and their handlers. routes.c has the
 * API's table, dialects.c the dialects'.
 */
#ifndef MAYFLY_ROUTE_H
#define MAYFLY_ROUTE_H

#include "front/api/call.h"

typedef void route_handler(const struct call *call);

struct route {
    const char *pattern;
    const char *allow; /* the Allow header of a 405, and of OPTIONS */
    bool is_open;      /* needs no key */
    /* A web page of an origin that the settings do not allow is refused, even with a valid key. */
    bool minds_origin;
    route_handler *on_get; /* also for HEAD: the body is left out elsewhere */
    route_handler *on_post;
    route_handler *on_put;
    route_handler *on_delete;
};

/* Most routes that all dialects together have. */
#define ROUTES_OF_DIALECTS_MAX 8

#endif
