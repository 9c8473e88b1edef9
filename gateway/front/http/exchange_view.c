#include "front/http/exchange_view.h"

#include <netdb.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "front/http/connection.h"
#include "front/http/exchange_private.h"
#include "front/http/guard.h"

static struct bytes bytes_of_iovec(h2o_iovec_t iovec)
{
    return bytes_of(iovec.base, iovec.len);
}

/* ---- the request ---- */

struct bytes exchange_method(const struct exchange *exchange)
{
    return bytes_of_iovec(exchange->req->input.method);
}

struct bytes exchange_path(const struct exchange *exchange)
{
    return guard_path(bytes_of_iovec(exchange->req->input.path));
}

struct bytes exchange_query(const struct exchange *exchange)
{
    return guard_query(bytes_of_iovec(exchange->req->input.path));
}

/* h2o 2.2.5 leaves the white space after a value. */
static struct bytes trimmed(struct bytes value)
{
    while (value.len > 0 && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
        value.len--;
    return value;
}

struct bytes exchange_header(const struct exchange *exchange, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&exchange->req->headers, name, strlen(name), -1);
    if (at < 0)
        return (struct bytes){0};
    return trimmed(bytes_of_iovec(exchange->req->headers.entries[at].value));
}

void exchange_read_pass(const struct exchange *exchange, struct guard_pass *pass)
{
    const h2o_buffer_t *input = exchange->connection->socket->input;
    *pass = guard_pass_of(input->bytes, input->size);
}

const char *exchange_address(const struct exchange *exchange, char text[EXCHANGE_ADDRESS_BYTES])
{
    struct sockaddr_storage address;
    h2o_socket_t *socket = exchange->connection->socket;
    socklen_t len = h2o_socket_getpeername(socket, (struct sockaddr *)&address);
    if (len == 0 || getnameinfo((struct sockaddr *)&address, len, text, EXCHANGE_ADDRESS_BYTES,
                                NULL, 0, NI_NUMERICHOST) != 0)
        text[0] = '\0';
    return text;
}

/* ---- notes, and the log line that shows them ---- */

void exchange_note_route(struct exchange *exchange, const char *route,
                         const struct path_parameters *parameters)
{
    exchange->route = route;
    exchange->parameters = *parameters;
}

struct bytes exchange_parameter(const struct exchange *exchange, size_t index)
{
    return exchange->parameters.at[index];
}

void exchange_note_run(struct exchange *exchange, uint64_t run_id)
{
    exchange->run_id = run_id;
}

void exchange_note_key(struct exchange *exchange, const char *name)
{
    snprintf(exchange->key, sizeof exchange->key, "%s", name);
}

const char *exchange_key(const struct exchange *exchange)
{
    return exchange->key;
}

const char *exchange_trace_id(const struct exchange *exchange)
{
    return exchange->trace.trace_id;
}

void exchange_note_verdict(struct exchange *exchange, const char *verdict)
{
    exchange->verdict = verdict;
}

/* No words of a client are logged: an unknown method is "other". */
static const char *known_method(const struct exchange *exchange)
{
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"};
    struct bytes method = exchange_method(exchange);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (bytes_equal_string(method, methods[i]))
            return methods[i];
    }
    return "other";
}

/* Health checks are polled every few seconds, so they are logged at debug level. When the gateway
 * is not ready, that was logged once, with the reason: not_ready, draining. */
static enum log_level level_of(const struct exchange *exchange, int status)
{
    static const char *const polled[] = {"/livez", "/readyz", "/health", "/metrics"};
    for (size_t i = 0; exchange->route && i < sizeof polled / sizeof polled[0]; i++) {
        if (strcmp(exchange->route, polled[i]) == 0)
            return status < 400 || status == 503 ? LOG_DEBUG : LOG_INFO;
    }
    return LOG_INFO;
}

void exchange_log_end(const struct exchange *exchange, int status)
{
    uint64_t ns = clock_now_ns() - exchange->began_ns;
    const char *method = known_method(exchange);
    const struct log_field run =
        exchange->run_id ? LOG_RUN(exchange->run_id) : LOG_STR("run_id", NULL);
    metrics_answered(exchange->http->metrics, exchange->route, method, status, ns);
    log_event(level_of(exchange, status), "request_ended", LOG_STR("method", method),
              LOG_STR("route", exchange->route), LOG_I64("status", status),
              LOG_U64("us", ns / 1000), run, LOG_STR("verdict", exchange->verdict),
              LOG_STR("key", exchange->key[0] ? exchange->key : NULL),
              LOG_STR("request_id", exchange->trace.request_id),
              LOG_STR("trace_id", exchange->trace.trace_id[0] ? exchange->trace.trace_id : NULL),
              LOG_END);
}
