/* route.h - a path, its methods, and the handler of each: a row of routes.c's table or of the
 * dialects' one.
 */
#ifndef MAYFLY_ROUTE_H
#define MAYFLY_ROUTE_H

#include "front/api/call.h"

typedef void route_handler(const struct call *call);

struct route {
    const char *pattern;
    const char *allow; /* the Allow header of a 405, and of OPTIONS */
    bool is_open;      /* its requests need no key */
    /* A web page of another origin is refused even if it shows a key. */
    bool minds_origin;
    route_handler *on_get; /* HEAD too: the door leaves out the body */
    route_handler *on_post;
    route_handler *on_put;
    route_handler *on_delete;
};

/* The routes of all dialects together. */
#define ROUTES_OF_DIALECTS_MAX 8

#endif
