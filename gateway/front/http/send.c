/* send.c - answers in parts: from a source, as the client takes them.
 *
 *   exchange_send -> ready -> pump -> (h2o writes -> proceed -> ready -> pump)... -> finish
 *                             |  |
 *                             |  \-- SOURCE_AGAIN, or its length is still counted -> ready
 *                             \-- SOURCE_WAIT: idle -> exchange_wake -> ready
 *
 * Nothing here asks a source but the pump, once a turn, for a short while, and each exchange by
 * turns: so that many long answers, or one to a quick reader, hold up neither the wire nor other
 * clients. What a source gives at a time is with h2o alone; the write deadline is on while it is.
 */
#include "front/http/http_private.h"

#include "common/clock.h"

#define PUMP_NS (2 * NS_PER_MS) /* a turn of the pump begins no exchange after so long */

static void make_ready(struct exchange *exchange)
{
    if (!exchange->ready.list)
        node_append(&exchange->ready, &exchange->http->ready);
}

/* ---- the pump ---- */

/* The answer ends as one that nobody can take for whole. h2o lets go of a request only when a write
 * has failed or its answer has ended. */
static void break_off(struct exchange *exchange)
{
    if (!exchange->has_head)
        exchange_begin(exchange, 200, exchange->content_type, EXCHANGE_LENGTH_UNKNOWN);
    exchange_close_after(exchange);
    exchange_await_write(exchange);
    h2o_send(exchange->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

/* False: the length is not known yet, or will not be. */
static bool send_head(struct exchange *exchange)
{
    uint64_t length = EXCHANGE_LENGTH_UNKNOWN;
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
    if (length == EXCHANGE_LENGTH_UNKNOWN && exchange->req->version < 0x101)
        exchange_close_after(exchange);
    exchange_begin(exchange, 200, exchange->content_type, length);
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
        exchange_finish(exchange, bytes);
        return;
    case SOURCE_BROKEN:
        break_off(exchange);
        return;
    }
    exchange_await_write(exchange);
    h2o_iovec_t iovec = h2o_iovec_init(bytes.data, bytes.len);
    h2o_send(exchange->req, &iovec, 1, H2O_SEND_STATE_IN_PROGRESS);
}

/* h2o may be done with the exchange, and dispose of it, within the call. */
static void pump(struct exchange *exchange)
{
    if (exchange->is_writing || exchange->answered)
        return;
    if (exchange->is_gone)
        break_off(exchange);
    else if (!exchange->has_head && !send_head(exchange))
        return;
    else if (bytes_equal_string(exchange_method(exchange), "HEAD"))
        exchange_finish(exchange, (struct bytes){0});
    else
        send_some(exchange);
}

void http_pump(struct http *http)
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

/* ---- the interface ---- */

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    (void)req;
    exchange_end_wait(exchange);
    make_ready(exchange);
}

void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg)
{
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

static void let_go(struct exchange *exchange)
{
    exchange->is_gone = true;
    if (exchange->is_writing)
        exchange_cut(exchange);
    else
        make_ready(exchange);
}

void exchange_abandon(struct exchange *exchange)
{
    exchange->verdict = "client_gone";
    let_go(exchange);
}

void exchange_evict(struct exchange *exchange)
{
    log_event(LOG_INFO, "reader_evicted", LOG_END);
    let_go(exchange);
}
