/* routes.c - the table of paths. OPTIONS is answered here, from the table. */
#include "front/api/routes.h"

#include <string.h>

#include "front/api/call.h"
#include "front/api/executions.h"
#include "front/api/health.h"
#include "front/api/pages.h"
#include "front/api/route.h"
#include "front/api/runtimes.h"
#include "front/api/scrape.h"
#include "front/api/session_api.h"
#include "front/api/session_files.h"
#include "front/api/session_opening.h"
#include "front/http/origin.h"
#include "front/http/problem.h"

#define API "/api/v1/" /* below this path, even a path that does not exist needs a key */

static const struct route routes[] = {
    {"/", "GET, HEAD, OPTIONS", .is_open = true, .on_get = index_handle},
    {"/api/v1", "GET, HEAD, OPTIONS", .is_open = true, .on_get = index_handle},
    {"/api/v1/execute", "POST, OPTIONS", .on_post = execute_handle_post},
    {"/api/v1/executions", "POST, OPTIONS", .on_post = executions_handle_post},
    {"/api/v1/executions/{id}", "GET, HEAD, DELETE, OPTIONS", .on_get = executions_handle_get,
     .on_delete = executions_handle_delete},
    {"/api/v1/executions/{id}/events", "GET, HEAD, OPTIONS", .on_get = executions_handle_events},
    {"/api/v1/sessions", "GET, HEAD, POST, OPTIONS", .on_get = sessions_handle_get,
     .on_post = sessions_handle_post},
    {"/api/v1/sessions/{id}", "GET, HEAD, DELETE, OPTIONS", .on_get = session_handle_get,
     .on_delete = session_handle_delete},
    {"/api/v1/sessions/{id}/keepalive", "POST, OPTIONS", .on_post = session_handle_keepalive},
    {"/api/v1/sessions/{id}/executions", "POST, OPTIONS", .on_post = session_handle_execute},
    {"/api/v1/sessions/{id}/executions/{run}", "DELETE, OPTIONS",
     .on_delete = session_handle_interrupt},
    {"/api/v1/sessions/{id}/files", "GET, HEAD, OPTIONS", .on_get = session_files_handle_list},
    {"/api/v1/sessions/{id}/files/{path}", "GET, HEAD, PUT, DELETE, OPTIONS",
     .on_get = session_files_handle_get, .on_put = session_files_handle_put,
     .on_delete = session_files_handle_delete},
    {"/api/v1/runtimes", "GET, HEAD, OPTIONS", .on_get = runtimes_handle},
    {"/health", "GET, HEAD, OPTIONS", .is_open = true, .on_get = health_handle},
    {"/livez", "GET, HEAD, OPTIONS", .is_open = true, .on_get = livez_handle},
    {"/readyz", "GET, HEAD, OPTIONS", .is_open = true, .on_get = readyz_handle},
    {"/metrics", "GET, HEAD, OPTIONS", .on_get = scrape_handle},
    {"/notebook", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
    {"/notebook/", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle_slash},
    {"/docs", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
    {"/docs/", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle_slash},
    {"/redoc", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
    {"/redoc/", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle_slash},
    {"/openapi.json", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
    {"/licenses.txt", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
    {"/assets/{name}", "GET, HEAD, OPTIONS", .is_open = true, .on_get = page_handle},
};
/* Requests without a route are counted too, so one more place is needed. */
_Static_assert(sizeof routes / sizeof routes[0] + ROUTES_OF_DIALECTS_MAX < METRICS_ROUTES_MAX,
               "each route has its metrics");

/* Take the text of the pattern up to its next brace, or its end, off the path. */
static bool take_text(const char **pattern, struct bytes *path)
{
    size_t len = strcspn(*pattern, "{");
    if (path->len < len || memcmp(path->data, *pattern, len) != 0)
        return false;
    *pattern += len;
    *path = bytes_of(path->data + len, path->len - len);
    return true;
}

/* Take the part of the path that the braces match. */
static bool take_parameter(const char **pattern, struct bytes *path, struct bytes *parameter)
{
    const char *end = strchr(*pattern, '}') + 1;
    const uint8_t *slash =
        strcmp(*pattern, "{path}") == 0 ? NULL : memchr(path->data, '/', path->len);
    size_t len = slash ? (size_t)(slash - path->data) : path->len;
    *pattern = end;
    *parameter = bytes_of(path->data, len);
    *path = bytes_of(path->data + len, path->len - len);
    return len > 0;
}

bool route_matches(const char *pattern, struct bytes path, struct path_parameters *parameters)
{
    struct path_parameters found = {0};
    size_t count = 0;
    while (take_text(&pattern, &path)) {
        if (*pattern == '\0') {
            *parameters = found;
            return path.len == 0;
        }
        if (path.len == 0 || count == PATH_PARAMETERS_MAX ||
            !take_parameter(&pattern, &path, &found.at[count++]))
            return false;
    }
    return false;
}

static const struct route *find_route(const struct service *service, struct bytes path,
                                      struct path_parameters *parameters)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (route_matches(routes[i].pattern, path, parameters))
            return &routes[i];
    }
    for (const struct route *route = service->dialects; route && route->pattern; route++) {
        if (route_matches(route->pattern, path, parameters))
            return route;
    }
    return NULL;
}

static route_handler *find_handler(const struct route *route, struct bytes method)
{
    if (bytes_equal_string(method, "POST"))
        return route->on_post;
    if (bytes_equal_string(method, "GET") || bytes_equal_string(method, "HEAD"))
        return route->on_get;
    if (bytes_equal_string(method, "PUT"))
        return route->on_put;
    if (bytes_equal_string(method, "DELETE"))
        return route->on_delete;
    return NULL;
}

/* Answer OPTIONS. If it is the preflight of an allowed origin's page, also say which methods and
 * headers that page may send.
 */
static void answer_options(const struct call *call, const struct route *route)
{
    struct exchange *exchange = call->exchange;
    struct guard_pass pass;
    exchange_read_pass(exchange, &pass);
    exchange_set_header(exchange, "allow", route->allow);
    if (origin_is_preflight(call->service->config, &pass)) {
        exchange_set_header(exchange, "access-control-allow-methods", route->allow);
        exchange_set_header(exchange, "access-control-allow-headers", ORIGIN_ALLOWED_HEADERS);
        exchange_set_header(exchange, "access-control-max-age", ORIGIN_MAX_AGE_S);
    }
    exchange_answer_static(exchange, 204, NULL, (struct bytes){0});
}

static bool needs_key(const struct route *route, struct bytes path)
{
    return route ? !route->is_open
                 : path.len >= strlen(API) && memcmp(path.data, API, strlen(API)) == 0;
}

static bool admits(const struct service *service, const struct guard_pass *pass,
                   struct caller *caller, struct problem *problem)
{
    struct path_parameters parameters;
    const struct route *route = find_route(service, pass->path, &parameters);
    if (!gate_admits(service->gate, pass, needs_key(route, pass->path), caller, problem))
        return false;
    return !caller->key || !route->minds_origin ||
           origin_admits_page(service->config, pass, problem);
}

bool routes_admit(void *arg, const struct guard_pass *pass, const char **owner,
                  struct problem *problem)
{
    const struct service *service = arg;
    struct caller caller;
    bool may_pass = admits(service, pass, &caller, problem);
    *owner = caller_name(&caller);
    return may_pass;
}

bool routes_admit_metrics(void *arg, const struct guard_pass *pass, const char **owner,
                          struct problem *problem)
{
    const struct service *service = arg;
    *owner = "";
    return origin_admits(service->config, pass, problem);
}

static void handle(const struct call *call, const struct route *route,
                   const struct path_parameters *parameters)
{
    struct exchange *exchange = call->exchange;
    if (!route) {
        exchange_answer_not_found(exchange);
        return;
    }
    exchange_note_route(exchange, route->pattern, parameters);
    route_handler *handler = find_handler(route, exchange_method(exchange));
    if (handler)
        handler(call);
    else if (bytes_equal_string(exchange_method(exchange), "OPTIONS"))
        answer_options(call, route);
    else
        exchange_answer_problem(
            exchange, &(struct problem){.status = 405,
                                        .code = "method_not_allowed",
                                        .detail = "This path does not support this method.",
                                        .allow = route->allow});
}

static bool is_metrics(const struct route *route)
{
    return route && route->on_get == scrape_handle;
}

/* Check again who may pass: the gate has not seen the headers of pipelined requests. */
void routes_handle(void *arg, struct exchange *exchange)
{
    struct call call = {.service = arg, .exchange = exchange};
    bool has_metrics = call.service->config->metrics_listen[0] == '\0';
    struct guard_pass pass;
    struct problem refusal;
    struct path_parameters parameters;
    exchange_read_pass(exchange, &pass);
    if (!admits(call.service, &pass, &call.caller, &refusal)) {
        exchange_answer_problem(exchange, &refusal);
        return;
    }
    exchange_note_key(exchange, call_owner(&call));
    const struct route *route = find_route(call.service, exchange_path(exchange), &parameters);
    handle(&call, is_metrics(route) && !has_metrics ? NULL : route, &parameters);
}

void routes_handle_metrics(void *arg, struct exchange *exchange)
{
    const struct call call = {.service = arg, .exchange = exchange};
    struct guard_pass pass;
    struct problem refusal;
    struct path_parameters parameters;
    exchange_read_pass(exchange, &pass);
    if (!origin_admits(call.service->config, &pass, &refusal)) {
        exchange_answer_problem(exchange, &refusal);
        return;
    }
    const struct route *route = find_route(call.service, exchange_path(exchange), &parameters);
    handle(&call, is_metrics(route) ? route : NULL, &parameters);
}
