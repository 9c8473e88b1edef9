/* acceptor.c - accepts connections. Pauses while the limit is reached, and while the process has no
 * free descriptor. */
#include "front/http/acceptor.h"

#include <errno.h>

#include "common/clock.h"
#include "common/log.h"
#include "front/http/connection.h"
#include "front/http/problem.h"
#include "front/http/refusal.h"

#define ACCEPTS_A_TURN 64
#define ACCEPT_RETRY_MS 100

static void on_acceptable(h2o_socket_t *listener, const char *err);

static bool is_full(const struct entrance *entrance)
{
    return entrance->connections_count >= entrance->terms.max_connections;
}

static void resume(struct entrance *entrance)
{
    if (entrance->accepting || is_full(entrance))
        return;
    timer_stop(&entrance->http->reactor->timers, &entrance->accept_retry);
    entrance->accepting = true;
    h2o_socket_read_start(entrance->listener, on_acceptable);
}

static void pause_accepting(struct entrance *entrance)
{
    entrance->accepting = false;
    h2o_socket_read_stop(entrance->listener);
}

static void on_accept_retry(void *arg)
{
    resume(arg);
}

static void on_left(struct entrance *entrance, struct address_entry *address)
{
    addresses_remove(&entrance->addresses, address);
    entrance->connections_count--;
    resume(entrance);
}

/* ---- a new connection ---- */

/* Refuse a connection whose address has reached its limit. First discard the bytes that it has
 * sent: otherwise closing would send a reset, which could overtake the answer. */
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
    if (!address || !connection_open(entrance, address, socket)) {
        addresses_remove(&entrance->addresses, address);
        turn_away(http, socket);
        return;
    }
    http->metrics->connections_accepted++;
    entrance->connections_count++;
}

/* Out of descriptors or memory: pause. The listener stays readable, so without a pause accept would
 * be retried all the time.
 */
static void on_accept_failed(struct entrance *entrance)
{
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
        return;
    log_event(LOG_WARNING, "accept_failed", LOG_STR("error", strerror(errno)), LOG_END);
    pause_accepting(entrance);
    timer_start(&entrance->http->reactor->timers, &entrance->accept_retry, ACCEPT_RETRY_MS);
}

static void on_acceptable(h2o_socket_t *listener, const char *err)
{
    struct entrance *entrance = listener->data;
    (void)err; /* h2o never reads from this socket (DONT_READ), so there is no read error */
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        if (is_full(entrance)) {
            pause_accepting(entrance);
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

void acceptor_open(struct entrance *entrance, int listen_fd)
{
    entrance->on_left = on_left;
    entrance->accept_retry = (struct timer){.on_due = on_accept_retry, .arg = entrance};
    entrance->listener = h2o_evloop_socket_create(entrance->http->context.loop, listen_fd,
                                                  H2O_SOCKET_FLAG_DONT_READ);
    entrance->listener->data = entrance;
    resume(entrance);
}
