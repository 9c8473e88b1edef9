/* connection.h - one accepted connection: its input, its limits and its end. Private to front/http.
 *
 * A connection lives until h2o has closed its socket. If the client might still be sending, the
 * connection lives until the client stops, or until a time or byte limit. h2o's socket points to
 * the connection by on_close.data.
 */
#ifndef MAYFLY_CONNECTION_H
#define MAYFLY_CONNECTION_H

#include "front/http/connection_state.h"
#include "front/http/core.h"
#include "front/http/guard.h"

struct connection {
    struct http *http;
    struct entrance *entrance;
    struct address_entry *address;
    enum connection_state state; /* only connection_move changes it */
    h2o_socket_t *socket;        /* NULL after h2o has closed it */
    struct exchange *exchange;   /* SERVING: the exchange of h2o's current request; else NULL */
    h2o_socket_cb h2o_read;      /* h2o's own read callback */
    struct stake body;           /* in http->bodies: the memory of its input */
    /* bytes of its input that were freed early, because a body was freed */
    size_t dropped_bytes;
    enum guard_judgement judgement; /* the judgement of the head at the start of its input */
    struct node unsettled;          /* on http->unsettled */
    void (*on_evicted)(struct exchange *exchange); /* frees the memory of the request's body */
    struct watch lingering;                        /* fd -1: close without lingering */
    struct timer linger_end;
    uint64_t lingered_bytes;
};

/* Pass a new connection to h2o. The connection counts for `address` at the entrance until the
 * entrance's on_left is called. Returns false when memory is out: the caller then still owns the
 * socket, and the connection still counts for `address`. */
bool connection_open(struct entrance *entrance, struct address_entry *address,
                     h2o_socket_t *socket);

struct connection *connection_of(const h2o_req_t *req);
/* Call this before an answer that closes the connection while the client may still be sending. The
 * socket then stays open for a short time, so that the client can read the answer. */
void connection_linger(struct connection *connection);

/* Note that the request is complete, and that `exchange` serves it until connection_forget_request.
 * on_evicted is called when the memory of the request's body is needed. */
void connection_serve(struct connection *connection, struct exchange *exchange,
                      void (*on_evicted)(struct exchange *exchange));
/* Judge the head of h2o's current request. Sets *why like guard_judge. */
enum guard_judgement connection_judge(struct connection *connection, const char **why);
/* Note that the request has ended: the connection can take another one. h2o might start reading
 * again in this turn, so connections_settle will check the connection. */
void connection_forget_request(struct connection *connection);
/* Record that `bytes` bytes of the current request's body were freed. */
void connection_note_dropped(struct connection *connection, size_t bytes);
/* Call this at the end of a turn: installs our read callback where h2o has installed its own. */
void connections_settle(struct http *http);

#endif
