/* http_send.c - answers in parts: from a source, as the client takes them.
 *
 *   exchange_send -> pump -> (h2o writes -> proceed -> pump)... -> exchange_finish
 *                      \-- SOURCE_WAIT: idle until exchange_wake --/
 *
 * At most one slice is with h2o at a time; the write deadline is on while one is.
 */
#include "front/http_private.h"

#define SLICE_BYTES ((size_t)64 << 10)

/* Ask the source when nothing that it lent is left. False: there is nothing to send now. */
static bool refill(struct exchange *exchange)
{
    if (exchange->rest.len > 0)
        return true;
    exchange->rest = (struct bytes){0};
    switch (exchange->source->next(exchange->source_arg, &exchange->rest)) {
    case SOURCE_MORE:
        return true;
    case SOURCE_END:
        exchange->is_whole = true;
        return true;
    case SOURCE_WAIT:
        break;
    }
    return false;
}

static struct bytes take_slice(struct exchange *exchange)
{
    struct bytes *rest = &exchange->rest;
    struct bytes slice = *rest;
    if (rest->len <= SLICE_BYTES) {
        *rest = (struct bytes){0};
        return slice;
    }
    slice.len = SLICE_BYTES;
    *rest = bytes_of(rest->data + SLICE_BYTES, rest->len - SLICE_BYTES);
    return slice;
}

static void pump(struct exchange *exchange)
{
    if (exchange->is_writing || exchange->answered || !refill(exchange))
        return;
    struct bytes slice = take_slice(exchange);
    if (exchange->is_whole && exchange->rest.len == 0) {
        exchange_finish(exchange, slice);
        return;
    }
    exchange_await_write(exchange);
    h2o_iovec_t iovec = h2o_iovec_init(slice.data, slice.len);
    h2o_send(exchange->req, &iovec, 1, H2O_SEND_STATE_IN_PROGRESS);
}

/* The answer ends as one that nobody can take for whole. */
static void break_off(struct exchange *exchange)
{
    exchange_close_after(exchange);
    exchange_await_write(exchange);
    h2o_send(exchange->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    (void)req;
    exchange->is_writing = false;
    reactor_disarm(&exchange->write_deadline);
    if (exchange->is_gone)
        break_off(exchange);
    else
        pump(exchange);
}

void exchange_send(struct exchange *exchange, const char *content_type, uint64_t content_length,
                   const struct source *source, void *arg)
{
    exchange->source = source;
    exchange->source_arg = arg;
    exchange->generator.proceed = on_proceed;
    bool is_head = bytes_equal_string(exchange_method(exchange), "HEAD");
    if (content_length == EXCHANGE_LENGTH_UNKNOWN && exchange->req->version < 0x101)
        exchange_close_after(exchange);
    exchange_begin(exchange, 200, content_type, content_length);
    if (is_head)
        exchange_finish(exchange, (struct bytes){0});
    else
        pump(exchange);
}

void exchange_wake(struct exchange *exchange)
{
    pump(exchange);
}

/* h2o lets go of a request only when a write has failed or its answer has ended: what h2o has in
 * hand fails, or else ends. */
void exchange_abandon(struct exchange *exchange)
{
    exchange->verdict = "client_gone";
    exchange->is_gone = true;
    if (exchange->is_writing)
        exchange_cut(exchange);
    else
        break_off(exchange);
}
