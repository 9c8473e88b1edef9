/* http_input.c - the bytes that requests hold, all under one budget.
 *
 * h2o reads a request whole before it calls the handler, and keeps it until its answer has been
 * sent; it bounds each body, but not their sum. So we stand in front of its read callback: each
 * time that a connection has read, the growth of its input is counted, and when it would pass the
 * budget, the connection is answered 503 and ended. What fits in the buffer that h2o begins with is
 * free of charge: small requests, health checks among them, are served also while large ones are
 * refused, and the connections' cap bounds their sum.
 *
 *   reads, our callback in front --request whole--> h2o stops reading --answered--> h2o reads again
 *           ^                                                                             |
 *           '------------------------- at the turn's end, http_settle -------------------'
 *
 * h2o sets its own callback whenever it begins to read again, which it does only in a turn in which
 * the connection has just read or its exchange has just gone: these connections are unsettled, and
 * at the turn's end, before anything more can be read, we step in front again.
 */
#include "front/http_private.h"

#include "common/log.h"

#define RETRY_AFTER_S 1

static void uncount(struct connection *connection)
{
    connection->http->held_bytes -= connection->held_bytes;
    connection->held_bytes = 0;
}

static void count(struct connection *connection)
{
    size_t size = connection->socket->input->size;
    uncount(connection);
    connection->held_bytes = size > H2O_SOCKET_INITIAL_INPUT_BUFFER_SIZE ? size : 0;
    connection->http->held_bytes += connection->held_bytes;
}

static void refuse(struct connection *connection)
{
    connection_linger(connection);
    refusal_send(connection->socket,
                 &(struct problem){
                     .status = 503,
                     .code = "busy",
                     .detail = "The gateway holds as many requests as its memory may.",
                     .retry_after_s = RETRY_AFTER_S,
                 });
}

/* h2o ends a connection at a read error, without a word. */
static void on_read(h2o_socket_t *socket, const char *err)
{
    struct connection *connection = socket->on_close.data;
    const struct http *http = connection->http;
    connection_unsettle(connection);
    count(connection);
    if (!err && connection->held_bytes > 0 && http->held_bytes > http->config->max_pending_bytes) {
        refuse(connection);
        err = h2o_socket_error_io;
    }
    connection->h2o_read(socket, err);
}

void connection_watch_input(struct connection *connection)
{
    connection->h2o_read = connection->socket->_cb.read;
    connection->socket->_cb.read = on_read;
}

/* ---- unsettled connections ---- */

void connection_unsettle(struct connection *connection)
{
    struct http *http = connection->http;
    if (connection->is_unsettled)
        return;
    connection->is_unsettled = true;
    connection->unsettled_prev = NULL;
    connection->unsettled_next = http->unsettled;
    if (http->unsettled)
        http->unsettled->unsettled_prev = connection;
    http->unsettled = connection;
}

static void settle(struct connection *connection)
{
    struct connection *prev = connection->unsettled_prev, *next = connection->unsettled_next;
    if (!connection->is_unsettled)
        return;
    connection->is_unsettled = false;
    if (next)
        next->unsettled_prev = prev;
    if (prev)
        prev->unsettled_next = next;
    else
        connection->http->unsettled = next;
}

void connection_drop_input(struct connection *connection)
{
    settle(connection);
    uncount(connection);
    connection->socket = NULL;
}

/* A connection that neither reads nor has an exchange stays: h2o sends a 100, or an error of its
 * own, and may read again in any later turn. */
void http_settle(struct http *http)
{
    struct connection *next;
    for (struct connection *connection = http->unsettled; connection; connection = next) {
        next = connection->unsettled_next;
        h2o_socket_cb *read = &connection->socket->_cb.read;
        count(connection);
        if (*read)
            *read = on_read;
        if (*read || connection->exchange)
            settle(connection);
    }
}
