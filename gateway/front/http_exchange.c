/* http_exchange.c - one request and its answer, between h2o and the handler.
 *
 * An exchange lives in its request's memory pool, as a shared entry whose dispose function h2o
 * calls when the request goes, for whatever reason: that is how the end of the sending, and the end
 * of everything, is known.
 *
 *   request -> guard -> handler -> pending -> answer, whole or in parts -> sent -> disposed
 *
 * From the handler's return until h2o has the end of the answer, it is watched for a hang-up.
 */
#include "front/http_private.h"

#include <stdio.h>
#include <sys/mman.h>

#include "common/clock.h"

/* Work on requests that a turn does before the rest has to wait for a later one. */
#define HANDLING_NS NS_PER_MS
#define DROP_FROM_BYTES ((size_t)64 << 10) /* less is not worth the call */

static struct bytes bytes_of_iovec(h2o_iovec_t iovec)
{
    return bytes_of(iovec.base, iovec.len);
}

/* ---- the end ---- */

static void on_disposed(void *arg)
{
    struct exchange *exchange = arg;
    reactor_unwatch(exchange->http->reactor, &exchange->hang_up);
    reactor_disarm(&exchange->write_deadline);
    node_remove(&exchange->ready);
    buf_release(&exchange->body);
    exchange->connection->exchange = NULL;
    connection_forget_request(exchange->connection);
    exchange->http->exchanges_count--;
    if (exchange->source) {
        if (!exchange->answered)
            exchange_log_end(exchange, exchange->req->res.status);
        exchange->source->release(exchange->source_arg);
    } else if (!exchange->answered && exchange->on_gone) {
        exchange->on_gone(exchange->gone_arg);
    }
}

/* ---- a client that hangs up ---- */

/* Nobody may be there to read it, yet h2o lets go of a request only when it is answered; and a
 * client that closed only its sending side learns why. */
static void answer_gone(struct exchange *exchange)
{
    exchange_close_after(exchange);
    problem_answer(exchange,
                   &(struct problem){
                       .status = 499,
                       .code = "client_gone",
                       .detail = "The client closed its side of the connection before the answer.",
                   });
}

static void on_hang_up(void *arg, uint32_t epoll_events)
{
    struct exchange *exchange = arg;
    (void)epoll_events;
    reactor_unwatch(exchange->http->reactor, &exchange->hang_up);
    if (exchange->source) {
        exchange_abandon(exchange);
        return;
    }
    if (exchange->on_gone)
        exchange->on_gone(exchange->gone_arg);
    answer_gone(exchange);
}

/* h2o takes a pending request's descriptor out of its own epoll set, so that nothing else watches
 * it. */
static void watch_for_hang_up(struct exchange *exchange)
{
    exchange->hang_up.fd = exchange_fd(exchange);
    if (!reactor_watch(exchange->http->reactor, &exchange->hang_up, EPOLLRDHUP))
        log_event(LOG_WARNING, "hang_up_unwatched", LOG_END);
}

/* ---- the request ---- */

static struct exchange *exchange_new(struct http *http, h2o_req_t *req)
{
    struct exchange *exchange = h2o_mem_alloc_shared(&req->pool, sizeof *exchange, on_disposed);
    *exchange = (struct exchange){
        .http = http,
        .connection = connection_of(req),
        .req = req,
        .began_ns = clock_now_ns(),
    };
    exchange->trace = trace_read(exchange_header(exchange, "x-request-id"),
                                 exchange_header(exchange, "traceparent"));
    exchange->hang_up = (struct watch){.on_ready = on_hang_up, .arg = exchange};
    node_init(&exchange->ready, exchange);
    exchange->connection->exchange = exchange;
    http->exchanges_count++;
    return exchange;
}

static bool is_refused(struct exchange *exchange)
{
    const struct http *http = exchange->http;
    char detail[HTTP_DETAIL_BYTES];
    struct problem problem = {.status = 400, .code = "ambiguous_framing"};
    switch (connection_judge(exchange->connection, &problem.detail)) {
    case GUARD_KEEP:
        break;
    case GUARD_CLOSE:
        exchange_close_after(exchange);
        break;
    case GUARD_MORE: /* h2o saw an end of the head where we see none */
    case GUARD_REFUSE:
        exchange_close_after(exchange);
        problem_answer(exchange, &problem);
        return true;
    }
    if (exchange->req->entity.len <= http->config->max_body_bytes)
        return false;
    exchange_close_after(exchange);
    problem = http_problem_too_large(http, detail);
    problem_answer(exchange, &problem);
    return true;
}

/* h2o closes after any request whose Connection header does not ask for keep-alive, but in HTTP/1.1
 * only "close" ends a connection: offers to upgrade, as some clients make with each request, do
 * not. */
static void keep_alive(h2o_req_t *req)
{
    if (req->version < 0x101)
        return;
    for (ssize_t at = -1; (at = h2o_find_header(&req->headers, H2O_TOKEN_CONNECTION, at)) >= 0;) {
        h2o_iovec_t value = req->headers.entries[at].value;
        if (h2o_contains_token(value.base, value.len, H2O_STRLIT("close"), ','))
            return;
    }
    req->http1_is_persistent = 1;
}

int http_on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    struct http *http = connection_of(req)->http;
    (void)handler;
    struct exchange *exchange = exchange_new(http, req);
    const struct entrance *entrance = exchange->connection->entrance;
    keep_alive(req);
    if (http->draining)
        exchange_close_after(exchange);
    if (http->busy_since_ns == 0)
        http->busy_since_ns = exchange->began_ns;
    if (!is_refused(exchange))
        entrance->terms.handler(entrance->terms.arg, exchange);
    if (exchange->answered)
        return 0;
    watch_for_hang_up(exchange);
    if (!exchange->on_evicted)
        exchange_drop_body(exchange);
    return 0;
}

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

struct bytes exchange_body(const struct exchange *exchange)
{
    return bytes_of_iovec(exchange->req->entity);
}

void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg)
{
    exchange->on_evicted = on_evicted;
    exchange->evicted_arg = arg;
}

/* h2o keeps the body where it is until it has done with the request, head and all. So only its
 * pages go back; should anybody read there, they are zeros. */
void exchange_drop_body(struct exchange *exchange)
{
    struct bytes body = exchange_body(exchange);
    exchange->on_evicted = NULL;
    if (body.len < DROP_FROM_BYTES || exchange->connection->dropped_bytes > 0)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (uintptr_t)body.data % page) % page;
    size_t len = (body.len - before) / page * page;
    if (madvise((void *)(body.data + before), len, MADV_DONTNEED) == 0)
        connection_note_dropped(exchange->connection, len);
}

void exchange_evict_body(struct exchange *exchange)
{
    void (*on_evicted)(void *arg) = exchange->on_evicted;
    exchange_drop_body(exchange);
    if (on_evicted)
        on_evicted(exchange->evicted_arg);
}

bool exchange_has_time(const struct exchange *exchange)
{
    return clock_now_ns() - exchange->http->busy_since_ns < HANDLING_NS;
}

struct bytes exchange_header(const struct exchange *exchange, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&exchange->req->headers, name, strlen(name), -1);
    if (at < 0)
        return (struct bytes){0};
    return bytes_of_iovec(exchange->req->headers.entries[at].value);
}

void exchange_read_pass(const struct exchange *exchange, struct guard_pass *pass)
{
    const h2o_buffer_t *input = exchange->connection->socket->input;
    *pass = guard_pass_of(input->bytes, input->size);
}

void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg)
{
    exchange->on_gone = on_gone;
    exchange->gone_arg = arg;
}

void exchange_note_route(struct exchange *exchange, const char *route, struct bytes parameter)
{
    exchange->route = route;
    exchange->parameter = parameter;
}

struct bytes exchange_parameter(const struct exchange *exchange)
{
    return exchange->parameter;
}

void exchange_note_run(struct exchange *exchange, uint64_t run_id)
{
    exchange->run_id = run_id;
}

void exchange_note_key(struct exchange *exchange, const char *name)
{
    snprintf(exchange->key, sizeof exchange->key, "%s", name);
}

const char *exchange_trace_id(const struct exchange *exchange)
{
    return exchange->trace.trace_id;
}

void exchange_note_verdict(struct exchange *exchange, const char *verdict)
{
    exchange->verdict = verdict;
}

/* ---- the answer ---- */

void exchange_set_header(struct exchange *exchange, const char *name, const char *value)
{
    h2o_req_t *req = exchange->req;
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, strlen(value));
    h2o_set_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, copy.base, copy.len,
                          1);
}

void exchange_close_after(struct exchange *exchange)
{
    exchange->req->http1_is_persistent = 0;
}

/* The client's own words stay out of the log: a method is one that we know, or "other". */
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

/* A client that asks every few seconds whether all is well would drown the rest of the log. A bad
 * state is logged once, with its reason: not_ready, draining. */
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

void exchange_begin(struct exchange *exchange, int status, const char *content_type,
                    uint64_t content_length)
{
    h2o_req_t *req = exchange->req;
    exchange_drop_body(exchange);
    if (exchange->http->draining)
        exchange_close_after(exchange);
    req->res.status = status;
    req->res.reason = status_phrase(status);
    /* 204 and 304 have no Content-Length, which h2o spells so. */
    bool has_length = status != 204 && status != 304 && content_length != EXCHANGE_LENGTH_UNKNOWN;
    req->res.content_length = has_length ? content_length : SIZE_MAX;
    http_add_standing_headers(exchange->http, req, content_type, exchange->trace.request_id);
    exchange->has_head = true;
    exchange_begin_reading(exchange);
    h2o_start_response(req, &exchange->generator);
}

/* h2o may be done with the exchange, and dispose of it, within the call. */
void exchange_finish(struct exchange *exchange, struct bytes last)
{
    exchange->answered = true;
    reactor_unwatch(exchange->http->reactor, &exchange->hang_up);
    if (exchange->http->draining)
        exchange_close_after(exchange);
    exchange_log_end(exchange, exchange->req->res.status);
    exchange_await_write(exchange);
    h2o_iovec_t iovec = h2o_iovec_init(last.data, last.len);
    bool has_body = last.len > 0 && !bytes_equal_string(exchange_method(exchange), "HEAD");
    h2o_send(exchange->req, &iovec, has_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}

void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body)
{
    exchange->body = buf_take(body);
    exchange_answer_lent(exchange, status, content_type, buf_bytes(&exchange->body));
}

void exchange_answer_lent(struct exchange *exchange, int status, const char *content_type,
                          struct bytes body)
{
    exchange_begin(exchange, status, content_type, body.len);
    exchange_finish(exchange, body);
}
