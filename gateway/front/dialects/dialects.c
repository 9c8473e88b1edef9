#include "front/dialects/dialects.h"

#include "front/dialects/mcp.h"

const struct route dialects_routes[] = {
    {"/mcp", "POST, OPTIONS", .minds_origin = true, .on_post = mcp_handle_post},
    {.pattern = NULL},
};
_Static_assert(sizeof dialects_routes / sizeof dialects_routes[0] <= ROUTES_OF_DIALECTS_MAX + 1,
               "each route has its metrics");
