/* http_accept.c - connections: accepting, counting, and closing without cutting off the last
 * answer.
 *
 * When a connection is closed while bytes of its client are unread, the kernel sends a reset, and
 * the client may lose the answer that it has not read yet: a body over the limit would meet
 * "connection reset" instead of its 413. So, before such a close, the descriptor is duplicated;
 * once h2o has closed its own, we end our sending side, throw away what still comes, and close when
 * the client does (or after a while).
 */
#include "front/http_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

#define ACCEPTS_A_TURN 64
#define ACCEPT_RETRY_MS 100
#define LINGER_MS 2000
#define LINGER_MAX_BYTES ((uint64_t)64 << 20)

/* ---- accepting: paused while every place is taken, or the system has no descriptor for us ---- */

static void on_acceptable(h2o_socket_t *listener, const char *err);

static void accept_resume(struct http *http)
{
    if (http->accepting || http->connections_count >= http->config->max_connections)
        return;
    reactor_disarm(&http->accept_retry);
    http->accepting = true;
    h2o_socket_read_start(http->listener, on_acceptable);
}

static void accept_pause(struct http *http)
{
    http->accepting = false;
    h2o_socket_read_stop(http->listener);
}

static void on_accept_retry(void *arg)
{
    accept_resume(arg);
}

/* ---- the end of a connection ---- */

static void connection_free(struct connection *connection)
{
    struct http *http = connection->http;
    if (connection->lingering.fd >= 0) {
        reactor_unwatch(http->reactor, &connection->lingering);
        reactor_disarm(&connection->linger_end);
        close(connection->lingering.fd);
    }
    peers_remove(&http->peers, connection->peer);
    http->connections_count--;
    free(connection);
    accept_resume(http);
}

static void on_linger_end(void *arg)
{
    connection_free(arg);
}

static void on_linger_ready(void *arg, uint32_t epoll_events)
{
    struct connection *connection = arg;
    (void)epoll_events;
    /* MSG_TRUNC: the kernel throws the bytes away without copying them. */
    /* cppcheck-suppress nullPointer */
    ssize_t got = recv(connection->lingering.fd, NULL, (size_t)1 << 20, MSG_TRUNC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0 && (connection->lingered_bytes += (uint64_t)got) < LINGER_MAX_BYTES)
        return;
    connection_free(connection);
}

/* h2o has closed its descriptor. */
static void on_closed(void *arg)
{
    struct connection *connection = arg;
    struct http *http = connection->http;
    connection_drop_input(connection);
    if (connection->lingering.fd < 0 || shutdown(connection->lingering.fd, SHUT_WR) != 0 ||
        !reactor_watch(http->reactor, &connection->lingering, EPOLLIN | EPOLLRDHUP)) {
        connection_free(connection);
        return;
    }
    reactor_arm(http->reactor, &connection->linger_end, clock_now_ms() + LINGER_MS);
}

void connection_linger(struct connection *connection)
{
    if (connection->lingering.fd < 0)
        connection->lingering.fd = fcntl(h2o_socket_get_fd(connection->socket), F_DUPFD_CLOEXEC, 0);
}

struct connection *connection_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* ---- its beginning ---- */

static struct connection *connection_new(struct http *http, struct peer *peer, h2o_socket_t *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->http = http;
    connection->peer = peer;
    connection->socket = socket;
    connection->lingering =
        (struct watch){.fd = -1, .on_ready = on_linger_ready, .arg = connection};
    connection->linger_end = (struct timer){.on_due = on_linger_end, .arg = connection};
    return connection;
}

/* Its address has all the connections that it may have. What it has sent already is thrown away, so
 * that the close is no reset, which could overtake the answer. */
static void turn_away(h2o_socket_t *socket)
{
    refusal_send(socket, &(struct problem){
                             .status = 503,
                             .code = "too_many_connections",
                             .detail = "There are too many connections from this address.",
                             .retry_after_s = 1,
                         });
    /* cppcheck-suppress nullPointer */
    recv(h2o_socket_get_fd(socket), NULL, (size_t)1 << 20, MSG_TRUNC | MSG_DONTWAIT);
    h2o_socket_close(socket);
}

static void welcome(struct http *http, h2o_socket_t *socket)
{
    struct sockaddr_storage address = {0};
    h2o_socket_getpeername(socket, (struct sockaddr *)&address);
    struct peer *peer = peers_add(&http->peers, (struct sockaddr *)&address,
                                  http->config->max_connections_per_address);
    struct connection *connection = peer ? connection_new(http, peer, socket) : NULL;
    if (!connection) {
        peers_remove(&http->peers, peer);
        turn_away(socket);
        return;
    }
    http->connections_count++;
    socket->on_close.cb = on_closed;
    socket->on_close.data = connection;
    h2o_accept(&http->accept_context, socket);
    connection_watch_input(connection);
}

/* Out of descriptors or memory: the listener stays readable, and would be tried again at once, for
 * ever. */
static void on_accept_failed(struct http *http)
{
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
        return;
    log_event(LOG_WARNING, "accept_failed", LOG_STR("reason", strerror(errno)), LOG_END);
    accept_pause(http);
    reactor_arm(http->reactor, &http->accept_retry, clock_now_ms() + ACCEPT_RETRY_MS);
}

static void on_acceptable(h2o_socket_t *listener, const char *err)
{
    struct http *http = listener->data;
    (void)err; /* the socket is only watched (DONT_READ): h2o reports no read error on it */
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        if (http->connections_count >= http->config->max_connections) {
            accept_pause(http);
            return;
        }
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (!socket) {
            on_accept_failed(http);
            return;
        }
        welcome(http, socket);
    }
}

void http_accept_start(struct http *http, int listen_fd)
{
    http->accept_retry = (struct timer){.on_due = on_accept_retry, .arg = http};
    http->listener =
        h2o_evloop_socket_create(http->context.loop, listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    http->listener->data = http;
    accept_resume(http);
}
