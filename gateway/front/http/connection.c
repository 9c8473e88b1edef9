/* connection.c - connections: accepting, counting, and closing without cutting off the last
 * answer.
 *
 * When a connection is closed while bytes of its client are unread, the kernel sends a reset, and
 * the client may lose the answer that it has not read yet: a body over the limit would meet
 * "connection reset" instead of its 413. So, before such a close, the descriptor is duplicated;
 * once h2o has closed its own, we end our sending side, throw away what still comes, and close when
 * the client does (or after a while).
 */
#include "front/http/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "front/http/problem.h"
#include "front/http/refusal.h"

#define ACCEPTS_A_TURN 64
#define ACCEPT_RETRY_MS 100
#define LINGER_MS 2000
#define LINGER_MAX_BYTES ((uint64_t)64 << 20)

/* ---- accepting: paused while every place is taken, or the system has no descriptor for us ---- */

static void on_acceptable(h2o_socket_t *listener, const char *err);

static bool is_full(const struct entrance *entrance)
{
    return entrance->connections_count >= entrance->terms.max_connections;
}

static void accept_resume(struct entrance *entrance)
{
    if (entrance->accepting || is_full(entrance))
        return;
    reactor_disarm(&entrance->accept_retry);
    entrance->accepting = true;
    h2o_socket_read_start(entrance->listener, on_acceptable);
}

static void accept_pause(struct entrance *entrance)
{
    entrance->accepting = false;
    h2o_socket_read_stop(entrance->listener);
}

static void on_accept_retry(void *arg)
{
    accept_resume(arg);
}

/* ---- the end of a connection ---- */

static void connection_free(struct connection *connection)
{
    struct entrance *entrance = connection->entrance;
    if (connection->lingering.fd >= 0) {
        reactor_unwatch(connection->http->reactor, &connection->lingering);
        reactor_disarm(&connection->linger_end);
        close(connection->lingering.fd);
    }
    addresses_remove(&entrance->addresses, connection->address);
    entrance->connections_count--;
    free(connection);
    accept_resume(entrance);
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

static struct connection *connection_new(struct entrance *entrance, struct address_entry *address,
                                         h2o_socket_t *socket)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->http = entrance->http;
    connection->entrance = entrance;
    connection->address = address;
    connection->socket = socket;
    connection->body.on_give_way = connection_give_way;
    ledger_enter(&entrance->http->bodies, &connection->body, "");
    connection->lingering =
        (struct watch){.fd = -1, .on_ready = on_linger_ready, .arg = connection};
    connection->linger_end = (struct timer){.on_due = on_linger_end, .arg = connection};
    return connection;
}

/* Its address has all the connections that it may have. What it has sent already is thrown away, so
 * that the close is no reset, which could overtake the answer. */
static void turn_away(struct http *http, h2o_socket_t *socket)
{
    http->metrics->connections_refused++;
    refusal_send(http, socket,
                 &(struct problem){
                     .status = 503,
                     .code = "too_many_connections",
                     .detail = "There are too many connections from this address.",
                     .retry_after_s = 1,
                 },
                 &(struct guard_pass){.request_id = {0}});
    /* cppcheck-suppress nullPointer */
    recv(h2o_socket_get_fd(socket), NULL, (size_t)1 << 20, MSG_TRUNC | MSG_DONTWAIT);
    h2o_socket_close(socket);
}

static void welcome(struct entrance *entrance, h2o_socket_t *socket)
{
    struct http *http = entrance->http;
    struct sockaddr_storage name = {0};
    h2o_socket_getpeername(socket, (struct sockaddr *)&name);
    struct address_entry *address = addresses_add(&entrance->addresses, (struct sockaddr *)&name,
                                                  entrance->terms.max_connections_per_address);
    struct connection *connection = address ? connection_new(entrance, address, socket) : NULL;
    if (!connection) {
        addresses_remove(&entrance->addresses, address);
        turn_away(http, socket);
        return;
    }
    http->metrics->connections_accepted++;
    entrance->connections_count++;
    socket->on_close.cb = on_closed;
    socket->on_close.data = connection;
    h2o_accept(&http->accept_context, socket);
    connection_watch_input(connection);
}

/* Out of descriptors or memory: the listener stays readable, and would be tried again at once, for
 * ever. */
static void on_accept_failed(struct entrance *entrance)
{
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
        return;
    log_event(LOG_WARNING, "accept_failed", LOG_STR("error", strerror(errno)), LOG_END);
    accept_pause(entrance);
    reactor_arm(entrance->http->reactor, &entrance->accept_retry, clock_now_ms() + ACCEPT_RETRY_MS);
}

static void on_acceptable(h2o_socket_t *listener, const char *err)
{
    struct entrance *entrance = listener->data;
    (void)err; /* the socket is only watched (DONT_READ): h2o reports no read error on it */
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        if (is_full(entrance)) {
            accept_pause(entrance);
            return;
        }
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (!socket) {
            on_accept_failed(entrance);
            return;
        }
        welcome(entrance, socket);
    }
}

void entrance_open(struct entrance *entrance, int listen_fd)
{
    entrance->accept_retry = (struct timer){.on_due = on_accept_retry, .arg = entrance};
    entrance->listener = h2o_evloop_socket_create(entrance->http->context.loop, listen_fd,
                                                  H2O_SOCKET_FLAG_DONT_READ);
    entrance->listener->data = entrance;
    accept_resume(entrance);
}
