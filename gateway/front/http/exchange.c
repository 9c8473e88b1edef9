/* exchange.c - one request and its answer, between h2o and the handler. One subject: every part of
 * the file changes the state of the exchange.
 *
 * An exchange is allocated from the memory pool of h2o's request. h2o calls our dispose function
 * when it frees the request, for whatever reason. Only this call says that the answer was sent or
 * the client was lost. exchange_state.h has the states.
 *
 * After the handler has returned, and until h2o has the end of the answer, the client is watched
 * for a hang-up.
 *
 * An answer in parts comes from a source, as the client takes it:
 *
 *   exchange_send -> ready -> pump -> (h2o writes -> proceed -> ready -> pump)... -> finish
 *                             |  |
 *                             |  \-- SOURCE_AGAIN, or its length is still counted -> ready
 *                             \-- SOURCE_WAIT: idle -> exchange_wake -> ready
 *
 * Only the pump calls sources. It runs once in each turn of the loop, for a short while, and the
 * exchanges take turns. So long answers delay neither the link to the broker nor other clients. h2o
 * has at most one piece of a source at a time; the write deadline runs while it has one.
 */
#include "front/http/exchange.h"

#include "common/clock.h"
#include "common/log.h"
#include "front/http/connection.h"
#include "front/http/exchange_private.h"
#include "front/http/headers.h"

#define LENGTH_UNKNOWN UINT64_MAX
#define PUMP_NS (2 * NS_PER_MS) /* after this time, the pump starts with no further exchange */

/* ---- the end ---- */

static void on_disposed(void *arg)
{
    struct exchange *exchange = arg;
    watch_stop(&exchange->http->reactor->watches, &exchange->hang_up);
    reader_end_wait(&exchange->reader);
    node_remove(&exchange->ready);
    buf_release(&exchange->body);
    connection_forget_request(exchange->connection);
    exchange->http->exchanges_count--;
    if (exchange->source) {
        if (exchange->state != EXCHANGE_ENDED)
            exchange_log_end(exchange, exchange->req->res.status);
        exchange->source->release(exchange->source_arg);
    } else if (exchange->state == EXCHANGE_PENDING && exchange->on_gone) {
        exchange->on_gone(exchange->gone_arg);
    }
}

int exchange_fd(const struct exchange *exchange)
{
    h2o_conn_t *conn = exchange->req->conn;
    return h2o_socket_get_fd(conn->callbacks->get_socket(conn));
}

/* ---- the answer ---- */

void exchange_set_header(struct exchange *exchange, const char *name, const char *value)
{
    h2o_req_t *req = exchange->req;
    h2o_iovec_t copy = h2o_strdup(&req->pool, value, strlen(value));
    h2o_set_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, copy.base, copy.len,
                          1);
}

static void close_after(struct exchange *exchange)
{
    exchange->req->http1_is_persistent = 0;
}

static void on_cut(void *arg)
{
    struct exchange *exchange = arg;
    if (exchange->state == EXCHANGE_WRITING)
        exchange_move(exchange, EXCHANGE_CUT);
}

/* Returns true if the answer's head was given to h2o: it then has a status. */
static bool has_head(const struct exchange *exchange)
{
    return exchange->req->res.status != 0;
}

static void begin_answer(struct exchange *exchange, int status, const char *content_type,
                         uint64_t content_length)
{
    h2o_req_t *req = exchange->req;
    exchange_drop_body(exchange);
    if (exchange->http->draining)
        close_after(exchange);
    req->res.status = status;
    req->res.reason = status_phrase(status);
    /* 204 and 304 have no Content-Length, for which h2o uses SIZE_MAX. */
    bool has_length = status != 204 && status != 304 && content_length != LENGTH_UNKNOWN;
    req->res.content_length = has_length ? content_length : SIZE_MAX;
    headers_add_standing(exchange->http, req, content_type, exchange->trace.request_id);
    reader_begin(&exchange->reader, exchange->http->reactor, exchange_fd(exchange),
                 exchange->http->config->write_timeout_ms, on_cut, exchange);
    h2o_start_response(req, &exchange->generator);
}

/* h2o may free the exchange within this call. */
static void finish_answer(struct exchange *exchange, struct bytes last)
{
    if (!exchange_move(exchange, EXCHANGE_ENDED))
        return;
    watch_stop(&exchange->http->reactor->watches, &exchange->hang_up);
    if (exchange->http->draining)
        close_after(exchange);
    exchange_log_end(exchange, exchange->req->res.status);
    reader_await(&exchange->reader);
    h2o_iovec_t iovec = h2o_iovec_init(last.data, last.len);
    bool has_body = last.len > 0 && !bytes_equal_string(exchange_method(exchange), "HEAD");
    h2o_send(exchange->req, &iovec, has_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}

static void send_whole(struct exchange *exchange, int status, const char *content_type,
                       struct bytes body)
{
    begin_answer(exchange, status, content_type, body.len);
    finish_answer(exchange, body);
}

void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body)
{
    struct buf taken = buf_take(body);
    if (!exchange_move(exchange, EXCHANGE_OPEN)) {
        buf_release(&taken);
        return;
    }
    exchange->body = taken;
    send_whole(exchange, status, content_type, buf_bytes(&exchange->body));
}

void exchange_answer_static(struct exchange *exchange, int status, const char *content_type,
                            struct bytes body)
{
    if (exchange_move(exchange, EXCHANGE_OPEN))
        send_whole(exchange, status, content_type, body);
}

/* ---- an answer in parts ---- */

static void make_ready(struct exchange *exchange)
{
    if (!exchange->ready.list)
        node_append(&exchange->ready, &exchange->http->ready);
}

/* End the answer so that no client can mistake it for complete. h2o frees a request only after a
 * failed write or the end of its answer. */
static void break_off(struct exchange *exchange)
{
    if (!exchange_move(exchange, EXCHANGE_BROKEN))
        return;
    if (!has_head(exchange))
        begin_answer(exchange, 200, exchange->content_type, LENGTH_UNKNOWN);
    close_after(exchange);
    reader_await(&exchange->reader);
    h2o_send(exchange->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

/* Start the answer. Returns false when its length is not known yet, or the source is broken. */
static bool send_head(struct exchange *exchange)
{
    uint64_t length = LENGTH_UNKNOWN;
    const struct source *source = exchange->source;
    enum source_state state = SOURCE_END;
    if (source->measure)
        state = source->measure(exchange->source_arg, &length);
    if (state == SOURCE_AGAIN)
        make_ready(exchange);
    else if (state == SOURCE_BROKEN)
        break_off(exchange);
    if (state != SOURCE_END)
        return false;
    if (length == LENGTH_UNKNOWN && exchange->req->version < 0x101)
        close_after(exchange);
    if (!exchange_move(exchange, EXCHANGE_OPEN))
        return false;
    begin_answer(exchange, 200, exchange->content_type, length);
    return true;
}

static void send_some(struct exchange *exchange)
{
    struct bytes bytes = {0};
    switch (exchange->source->next(exchange->source_arg, &bytes)) {
    case SOURCE_MORE:
        break;
    case SOURCE_AGAIN:
        make_ready(exchange);
        return;
    case SOURCE_WAIT:
        return;
    case SOURCE_END:
        finish_answer(exchange, bytes);
        return;
    case SOURCE_BROKEN:
        break_off(exchange);
        return;
    }
    if (!exchange_move(exchange, EXCHANGE_WRITING))
        return;
    reader_await(&exchange->reader);
    h2o_iovec_t iovec = h2o_iovec_init(bytes.data, bytes.len);
    h2o_send(exchange->req, &iovec, 1, H2O_SEND_STATE_IN_PROGRESS);
}

static void send_body(struct exchange *exchange)
{
    if (bytes_equal_string(exchange_method(exchange), "HEAD"))
        finish_answer(exchange, (struct bytes){0});
    else
        send_some(exchange);
}

/* h2o may free the exchange within this call. */
static void pump(struct exchange *exchange)
{
    switch (exchange->state) {
    case EXCHANGE_SOURCED:
        if (send_head(exchange))
            send_body(exchange);
        break;
    case EXCHANGE_OPEN:
        send_body(exchange);
        break;
    case EXCHANGE_LOST:
        break_off(exchange);
        break;
    case EXCHANGE_PENDING:
    case EXCHANGE_WRITING:
    case EXCHANGE_CUT:
    case EXCHANGE_BROKEN:
    case EXCHANGE_ENDED:
        break;
    }
}

void exchanges_pump(struct http *http)
{
    uint64_t end_ns = clock_now_ns() + PUMP_NS;
    for (size_t count = http->ready.count; count > 0; count--) {
        struct exchange *exchange = list_take(&http->ready);
        if (!exchange)
            return;
        pump(exchange);
        if (clock_now_ns() >= end_ns)
            return;
    }
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    (void)req;
    reader_end_wait(&exchange->reader);
    exchange_move(exchange, exchange->state == EXCHANGE_CUT ? EXCHANGE_LOST : EXCHANGE_OPEN);
    make_ready(exchange);
}

void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg)
{
    if (!exchange_move(exchange, EXCHANGE_SOURCED)) {
        source->release(arg);
        return;
    }
    exchange->source = source;
    exchange->source_arg = arg;
    exchange->content_type = content_type;
    exchange->generator.proceed = on_proceed;
    make_ready(exchange);
}

void exchange_wake(struct exchange *exchange)
{
    make_ready(exchange);
}

/* The client is lost. Make the write in progress fail; if there is none, let the pump break off the
 * answer. */
static void lose(struct exchange *exchange)
{
    switch (exchange->state) {
    case EXCHANGE_WRITING:
        exchange_move(exchange, EXCHANGE_CUT);
        reader_cut(exchange_fd(exchange));
        break;
    case EXCHANGE_BROKEN:
    case EXCHANGE_ENDED:
        reader_cut(exchange_fd(exchange));
        break;
    case EXCHANGE_PENDING:
    case EXCHANGE_SOURCED:
    case EXCHANGE_OPEN:
        exchange_move(exchange, EXCHANGE_LOST);
        make_ready(exchange);
        break;
    case EXCHANGE_CUT:
    case EXCHANGE_LOST:
        break;
    }
}

uint64_t exchange_slow_ms(const struct exchange *exchange)
{
    return reader_slow_ms(&exchange->reader);
}

void exchange_evict(struct exchange *exchange)
{
    log_event(LOG_INFO, "reader_evicted", LOG_END);
    lose(exchange);
}

/* ---- a client that hangs up ---- */

/* Answer even if nobody is reading, because h2o frees a request only after it was answered. A
 * client that closed only its sending side then reads why its run was canceled. */
static void answer_gone(struct exchange *exchange)
{
    close_after(exchange);
    exchange_answer_problem(
        exchange,
        &(struct problem){
            .status = 499,
            .code = "client_gone",
            .detail = "The client closed its side of the connection before the answer was sent.",
        });
}

static void on_hang_up(void *arg, short events)
{
    struct exchange *exchange = arg;
    (void)events;
    watch_stop(&exchange->http->reactor->watches, &exchange->hang_up);
    if (exchange->source) {
        exchange->verdict = "client_gone";
        lose(exchange);
        return;
    }
    if (exchange->on_gone)
        exchange->on_gone(exchange->gone_arg);
    answer_gone(exchange);
}

/* Watch the client's descriptor, because h2o removes it from its epoll set while a request is
 * pending. */
static void watch_for_hang_up(struct exchange *exchange)
{
    exchange->hang_up.fd = exchange_fd(exchange);
    if (!watch_start(&exchange->http->reactor->watches, &exchange->hang_up, POLLRDHUP))
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
    connection_serve(exchange->connection, exchange, exchange_evict_body);
    http->exchanges_count++;
    return exchange;
}

static bool is_refused(struct exchange *exchange)
{
    const struct http *http = exchange->http;
    char detail[PROBLEM_DETAIL_BYTES];
    struct problem problem = {.status = 400, .code = "ambiguous_framing"};
    switch (connection_judge(exchange->connection, &problem.detail)) {
    case GUARD_KEEP:
        break;
    case GUARD_CLOSE:
        close_after(exchange);
        break;
    case GUARD_MORE: /* h2o has found an end of the head that we have not */
    case GUARD_REFUSE:
        close_after(exchange);
        exchange_answer_problem(exchange, &problem);
        return true;
    }
    if (exchange->req->entity.len <= http->config->max_body_bytes)
        return false;
    close_after(exchange);
    problem = problem_too_large(http->config->max_body_bytes, detail);
    exchange_answer_problem(exchange, &problem);
    return true;
}

/* h2o closes the connection after any request whose Connection header does not ask for keep-alive.
 * But in HTTP/1.1 only "close" ends a connection. Some clients send an offer to upgrade with each
 * request, which does not. */
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

int exchange_on_request(h2o_handler_t *handler, h2o_req_t *req)
{
    struct http *http = connection_of(req)->http;
    (void)handler;
    struct exchange *exchange = exchange_new(http, req);
    const struct entrance *entrance = exchange->connection->entrance;
    keep_alive(req);
    if (http->draining)
        close_after(exchange);
    if (http->busy_since_ns == 0)
        http->busy_since_ns = exchange->began_ns;
    if (!is_refused(exchange))
        entrance->terms.handler(entrance->terms.arg, exchange);
    if (exchange->state == EXCHANGE_ENDED)
        return 0;
    watch_for_hang_up(exchange);
    if (!exchange_keeps_body(exchange))
        exchange_drop_body(exchange);
    return 0;
}

void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg)
{
    exchange->on_gone = on_gone;
    exchange->gone_arg = arg;
}
