/* connection.c - one connection: reads for h2o, checks the bytes before h2o sees them, and closes
 * without losing the last answer.
 *
 * h2o itself would read all that the kernel has, megabytes at a time from a quick sender, and would
 * copy its buffer each time that it grows. We read a little in each turn instead, and a large
 * buffer grows by remapping its pages.
 *
 * h2o calls the handler only when a request is complete. By then it has parsed heads that the guard
 * would refuse, or has answered them with its own errors. It limits each body, but not the sum of
 * all bodies, and it keeps each body until the answer has been sent. So our read callback takes the
 * place of h2o's, and calls h2o's after these checks:
 *
 * - Memory. If the input exceeds the budget, the newest request of the owner who holds the most is
 *   evicted (ledger.h): it is answered 503 and its connection is closed. That may be this request,
 *   or another one whose body is still arriving or waiting to be read; afterwards a body is freed.
 *   Input that fits into h2o's first buffer is not counted. So small requests, such as health
 *   checks, are served even while large ones are refused; the limit on connections bounds their
 *   sum.
 * - The guard. It judges a head as soon as that is complete, or too long. Of pipelined requests,
 *   h2o takes all but the first from its buffer without a read, so their heads are judged later.
 *
 *   reads, our callback in front --request whole--> h2o stops reading --answered--> h2o reads again
 *           ^                                                                             |
 *           '---------------------- at the turn's end, connections_settle ----------------'
 *
 * Each time that h2o starts reading again, it installs its own callback. It does so only in a turn
 * in which the connection has read, or its exchange was freed. Such connections are called
 * unsettled. At the end of that turn, before anything more can be read, our callback is installed
 * again.
 *
 * When a connection is closed while bytes from its client are unread, the kernel sends a reset. The
 * client may then lose an answer that it has not read yet: it would see "connection reset" instead
 * of the 413 for its large body. So the descriptor is duplicated before such a close. Once h2o has
 * closed its own, we shut down our sending side, discard the bytes that still come, and close when
 * the client does or after a while.
 */
#include "front/http/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "front/http/problem.h"
#include "front/http/refusal.h"

#define LINGER_MS 2000
#define LINGER_MAX_BYTES ((uint64_t)64 << 20)
#define RETRY_AFTER_S 1
#define READ_BYTES ((size_t)128 << 10)  /* most bytes that one connection reads in a turn */
#define TURN_BYTES ((size_t)1 << 20)    /* of all connections; after that, each reads only little */
#define LEAST_READ_BYTES ((size_t)4096) /* enough for the head of most requests */
#define REMAP_FROM_BYTES ((size_t)128 << 10)

struct connection *connection_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

void connection_linger(struct connection *connection)
{
    if (connection->lingering.fd < 0)
        connection->lingering.fd = fcntl(h2o_socket_get_fd(connection->socket), F_DUPFD_CLOEXEC, 0);
}

/* ---- unsettled connections ---- */

static void unsettle(struct connection *connection)
{
    if (!connection->unsettled.list)
        node_append(&connection->unsettled, &connection->http->unsettled);
}

/* ---- memory of requests ---- */

static size_t held_bytes(const struct connection *connection)
{
    size_t size = connection->socket->input->size;
    size_t dropped = connection->dropped_bytes < size ? connection->dropped_bytes : size;
    return size > H2O_SOCKET_INITIAL_INPUT_BUFFER_SIZE ? size - dropped : 0;
}

static void count(struct connection *connection)
{
    ledger_note(&connection->body, held_bytes(connection));
}

void connection_note_dropped(struct connection *connection, size_t bytes)
{
    connection->dropped_bytes = bytes;
    count(connection);
}

static void refuse(struct connection *connection, const struct problem *problem)
{
    if (!connection_move(connection, CONNECTION_REFUSED))
        return;
    connection_linger(connection);
    struct guard_pass pass = {.request_id = {0}};
    if (connection->judgement == GUARD_KEEP || connection->judgement == GUARD_CLOSE)
        pass = guard_pass_of(connection->socket->input->bytes, connection->socket->input->size);
    refusal_send(connection->http, connection->socket, problem, &pass);
}

static void refuse_for_memory(struct connection *connection)
{
    refuse(connection, &(struct problem){
                           .status = 503,
                           .code = "busy",
                           .detail = PROBLEM_NO_MEMORY,
                           .retry_after_s = RETRY_AFTER_S,
                       });
}

/* Ask for the memory that the input uses. Returns false when the connection was refused. */
static bool may_hold(struct connection *connection)
{
    if (ledger_grow(&connection->body, held_bytes(connection)))
        return true;
    count(connection);
    refuse_for_memory(connection);
    return false;
}

/* The memory is needed: end the request. While h2o reads, the read fails as in on_read. If a
 * connection neither reads nor has an exchange, h2o is sending it an error or a 100; such a
 * connection is cut off. */
static void on_give_way(struct stake *stake)
{
    struct connection *connection =
        (struct connection *)((char *)stake - offsetof(struct connection, body));
    if (connection->state == CONNECTION_SERVING) {
        ledger_enter(&connection->http->bodies, stake, "");
        connection->on_evicted(connection->exchange);
    } else if (connection->socket->_cb.read) {
        unsettle(connection);
        refuse_for_memory(connection);
        connection->h2o_read(connection->socket, h2o_socket_error_io);
    } else {
        shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
    }
}

/* Judge the head, which stays at the start of the input until the request was answered. (The
 * chunked decoder only rewrites the bytes after it.) */
enum guard_judgement connection_judge(struct connection *connection, const char **why)
{
    const h2o_buffer_t *input = connection->socket->input;
    if (connection->judgement == GUARD_MORE)
        connection->judgement = guard_judge(input->bytes, input->size, why);
    return connection->judgement;
}

/* Apply the guard. Returns false when the connection was refused. */
static bool may_be_parsed(struct connection *connection)
{
    struct problem problem = {.status = 400, .code = "ambiguous_framing"};
    if (connection_judge(connection, &problem.detail) != GUARD_REFUSE)
        return true;
    refuse(connection, &problem);
    return false;
}

/* From now on, count the connection's bytes for this owner. If memory for that is out, the
 * connection may hold no bytes. */
static void belong_to(struct connection *connection, const char *owner)
{
    ledger_leave(&connection->body);
    ledger_enter(&connection->http->bodies, &connection->body, owner);
}

/* Ask the gate once the head is complete. Returns false when the connection was refused. */
static bool may_pass(struct connection *connection)
{
    const struct entrance_terms *terms = &connection->entrance->terms;
    const h2o_buffer_t *input = connection->socket->input;
    struct problem problem;
    if (connection->judgement == GUARD_MORE || connection->state != CONNECTION_HEAD)
        return true;
    const char *owner;
    const struct guard_pass pass = guard_pass_of(input->bytes, input->size);
    if (!terms->gate(terms->arg, &pass, &owner, &problem)) {
        refuse(connection, &problem);
        return false;
    }
    belong_to(connection, owner);
    return connection_move(connection, CONNECTION_BODY);
}

/* ---- reading ---- */

/* Make space for LEAST_READ_BYTES. A large buffer has its own pages, which realloc moves without
 * copying; h2o would copy. Returns false when memory is out. */
static bool make_room(h2o_buffer_t **input)
{
    h2o_buffer_t *buffer = *input;
    if (!buffer->bytes || buffer->capacity < REMAP_FROM_BYTES)
        return true;
    size_t before = (size_t)(buffer->bytes - buffer->_buf);
    bool has_room = buffer->capacity - before - buffer->size >= LEAST_READ_BYTES;
    if (has_room || (buffer->size + LEAST_READ_BYTES) * 2 <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity * 2;
    buffer = realloc(buffer, offsetof(h2o_buffer_t, _buf) + capacity);
    if (!buffer)
        return false;
    buffer->capacity = capacity;
    buffer->bytes = buffer->_buf + before;
    *input = buffer;
    return true;
}

/* Read to the end of the input buffer. Returns the result of recv; -1 with ENOMEM when memory is
 * out.
 */
static ssize_t read_large(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    if (!make_room(&socket->input)) {
        errno = ENOMEM;
        return -1;
    }
    h2o_iovec_t room = h2o_buffer_reserve(&socket->input, LEAST_READ_BYTES);
    size_t most = connection->http->turn_bytes < TURN_BYTES ? READ_BYTES : LEAST_READ_BYTES;
    return recv(h2o_socket_get_fd(socket), room.base, room.len < most ? room.len : most, 0);
}

/* Read by way of the stack, so that a small input allocates no more than it needs. */
static ssize_t read_small(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    char bytes[LEAST_READ_BYTES];
    ssize_t got = recv(h2o_socket_get_fd(socket), bytes, sizeof bytes, 0);
    if (got > 0)
        memcpy(h2o_buffer_reserve(&socket->input, (size_t)got).base, bytes, (size_t)got);
    return got;
}

/* Read some of the bytes that have arrived, if any. Returns NULL, or h2o's constant for the
 * error. */
static const char *take_some(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    bool is_small = socket->input->size < LEAST_READ_BYTES;
    ssize_t got = is_small ? read_small(connection) : read_large(connection);
    socket->bytes_read = got > 0 ? (size_t)got : 0;
    if (got == 0)
        return h2o_socket_error_closed;
    if (got < 0 && errno == ENOMEM)
        return h2o_socket_error_out_of_memory;
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? NULL : h2o_socket_error_io;
    socket->input->size += (size_t)got;
    connection->http->turn_bytes += (size_t)got;
    return NULL;
}

/* Our read callback. After an error, h2o closes the connection without an answer. */
static void on_read(h2o_socket_t *socket, const char *err)
{
    struct connection *connection = socket->on_close.data;
    unsettle(connection);
    if (!err)
        err = take_some(connection);
    if (!err && (!may_be_parsed(connection) || !may_pass(connection) || !may_hold(connection)))
        err = h2o_socket_error_io;
    connection->h2o_read(socket, err);
}

void connection_serve(struct connection *connection, struct exchange *exchange,
                      void (*on_evicted)(struct exchange *exchange))
{
    connection_move(connection, CONNECTION_SERVING);
    connection->exchange = exchange;
    connection->on_evicted = on_evicted;
}

void connection_forget_request(struct connection *connection)
{
    connection_move(connection, CONNECTION_HEAD);
    connection->exchange = NULL;
    connection->judgement = GUARD_MORE;
    connection->dropped_bytes = 0;
    unsettle(connection);
}

/* Install our read callback again. A connection that neither reads nor has an exchange stays on the
 * list: h2o is sending it a 100 or an error, and may start reading in any later turn. */
void connections_settle(struct http *http)
{
    struct connection *next;
    for (struct connection *connection = list_first(&http->unsettled); connection;
         connection = next) {
        next = node_next(&connection->unsettled);
        h2o_socket_cb *read = &connection->socket->_cb.read;
        count(connection);
        if (*read)
            *read = on_read;
        if (*read || connection->state == CONNECTION_SERVING)
            node_remove(&connection->unsettled);
    }
}

/* ---- the end of a connection ---- */

static void connection_free(struct connection *connection)
{
    struct entrance *entrance = connection->entrance;
    if (connection->lingering.fd >= 0) {
        watch_stop(&connection->http->reactor->watches, &connection->lingering);
        timer_stop(&connection->http->reactor->timers, &connection->linger_end);
        close(connection->lingering.fd);
    }
    struct address_entry *address = connection->address;
    free(connection);
    entrance->on_left(entrance, address);
}

static void on_linger_end(void *arg)
{
    connection_free(arg);
}

static void on_linger_ready(void *arg, short events)
{
    struct connection *connection = arg;
    (void)events;
    /* With MSG_TRUNC the kernel discards the bytes without copying them. */
    /* cppcheck-suppress nullPointer */
    ssize_t got = recv(connection->lingering.fd, NULL, (size_t)1 << 20, MSG_TRUNC | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0 && (connection->lingered_bytes += (uint64_t)got) < LINGER_MAX_BYTES)
        return;
    connection_free(connection);
}

/* Called when h2o has closed its descriptor. */
static void on_closed(void *arg)
{
    struct connection *connection = arg;
    struct http *http = connection->http;
    node_remove(&connection->unsettled);
    ledger_leave(&connection->body);
    connection->socket = NULL;
    if (connection->lingering.fd < 0 || shutdown(connection->lingering.fd, SHUT_WR) != 0 ||
        !watch_start(&http->reactor->watches, &connection->lingering, POLLIN | POLLRDHUP) ||
        !connection_move(connection, CONNECTION_LINGERING)) {
        connection_free(connection);
        return;
    }
    timer_start(&http->reactor->timers, &connection->linger_end, LINGER_MS);
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
    connection->body.on_give_way = on_give_way;
    node_init(&connection->unsettled, connection);
    ledger_enter(&entrance->http->bodies, &connection->body, "");
    connection->lingering =
        (struct watch){.fd = -1, .on_ready = on_linger_ready, .arg = connection};
    connection->linger_end = (struct timer){.on_due = on_linger_end, .arg = connection};
    return connection;
}

bool connection_open(struct entrance *entrance, struct address_entry *address, h2o_socket_t *socket)
{
    struct connection *connection = connection_new(entrance, address, socket);
    if (!connection)
        return false;
    socket->on_close.cb = on_closed;
    socket->on_close.data = connection;
    h2o_accept(&entrance->http->accept_context, socket);
    h2o_socket_dont_read(socket, 1);
    connection->h2o_read = socket->_cb.read;
    socket->_cb.read = on_read;
    return true;
}
