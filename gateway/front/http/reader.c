/* reader.c - clients that read their answers, more or less quickly: the deadline of each, and
 * its end.
 */
#include "front/http/exchange_private.h"

#include "common/clock.h"
#include "front/http/exchange.h"
#include "front/http/progress.h"

int exchange_fd(const struct exchange *exchange)
{
    h2o_conn_t *conn = exchange->req->conn;
    return h2o_socket_get_fd(conn->callbacks->get_socket(conn));
}

void exchange_cut(struct exchange *exchange)
{
    int fd = exchange_fd(exchange);
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    shutdown(fd, SHUT_RDWR);
}

/* What the kernel has taken and the client has not acknowledged is not read: the kernel asks for
 * more only when much of its buffer is free. */
static uint64_t acked_bytes(const struct exchange *exchange)
{
    return progress_acked_bytes(exchange_fd(exchange));
}

static void set_deadline(struct exchange *exchange, uint64_t now_ms)
{
    reactor_arm(exchange->http->reactor, &exchange->write_deadline,
                now_ms + patience_left_ms(&exchange->patience, now_ms));
}

static void on_write_deadline(void *arg)
{
    struct exchange *exchange = arg;
    uint64_t now_ms = clock_now_ms();
    exchange->patience.read_bytes = acked_bytes(exchange) - exchange->acked_before_bytes;
    if (patience_left_ms(&exchange->patience, now_ms) > 0) {
        set_deadline(exchange, now_ms);
        return;
    }
    log_event(LOG_INFO, "slow_reader_cut", LOG_END);
    exchange->is_gone = true;
    exchange_cut(exchange);
}

void exchange_begin_reading(struct exchange *exchange)
{
    exchange->acked_before_bytes = acked_bytes(exchange);
    exchange->patience = (struct patience){.timeout_ms = exchange->http->config->write_timeout_ms};
    exchange->write_deadline = (struct timer){.on_due = on_write_deadline, .arg = exchange};
}

void exchange_await_write(struct exchange *exchange)
{
    uint64_t now_ms = clock_now_ms();
    exchange->is_writing = true;
    exchange->patience.read_bytes = acked_bytes(exchange) - exchange->acked_before_bytes;
    patience_begin(&exchange->patience, now_ms);
    set_deadline(exchange, now_ms);
}

void exchange_end_wait(struct exchange *exchange)
{
    exchange->is_writing = false;
    patience_end(&exchange->patience, clock_now_ms());
    reactor_disarm(&exchange->write_deadline);
}

uint64_t exchange_slow_ms(const struct exchange *exchange)
{
    return patience_slow_ms(&exchange->patience, clock_now_ms());
}
