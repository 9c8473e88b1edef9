#include "front/routes.h"

#include "front/execute.h"
#include "front/health.h"
#include "front/problem.h"

typedef void route_handler(struct service *service, struct exchange *exchange);

struct route {
    const char *path;
    const char *allow;  /* the Allow header of a 405 */
    route_handler *get; /* HEAD too: the door leaves out the body */
    route_handler *post;
};

static const struct route routes[] = {
    {"/api/v1/execute", "POST", NULL, execute_handle},
    {"/health", "GET, HEAD", health_handle, NULL},
    {"/livez", "GET, HEAD", livez_handle, NULL},
    {"/readyz", "GET, HEAD", readyz_handle, NULL},
};

static const struct route *find_route(struct bytes path)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (bytes_equal_string(path, routes[i].path))
            return &routes[i];
    }
    return NULL;
}

static route_handler *find_handler(const struct route *route, struct bytes method)
{
    if (bytes_equal_string(method, "POST"))
        return route->post;
    if (bytes_equal_string(method, "GET") || bytes_equal_string(method, "HEAD"))
        return route->get;
    return NULL;
}

void routes_handle(void *arg, struct exchange *exchange)
{
    const struct route *route = find_route(exchange_path(exchange));
    if (!route) {
        problem_answer(exchange, &(struct problem){.status = 404,
                                                   .code = "not_found",
                                                   .detail = "There is nothing at this path."});
        return;
    }
    exchange_note_route(exchange, route->path);
    route_handler *handler = find_handler(route, exchange_method(exchange));
    if (handler)
        handler(arg, exchange);
    else
        problem_answer(exchange, &(struct problem){.status = 405,
                                                   .code = "method_not_allowed",
                                                   .detail = "This path does not take this method.",
                                                   .allow = route->allow});
}
