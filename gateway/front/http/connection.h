/* connection.h - one accepted connection: its place, its input, and its end. Private to http's
 * files.
 *
 * A connection lives until h2o has closed its socket and, where the client may still be sending,
 * until that has ended too. h2o's socket has it as on_close.data.
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
    enum connection_state state;    /* only connection_move changes it */
    h2o_socket_t *socket;           /* NULL once h2o has closed it */
    struct exchange *exchange;      /* SERVING: the one for h2o's current request; else NULL */
    h2o_socket_cb h2o_read;         /* h2o's own read callback */
    struct stake body;              /* in http->bodies: the part of its input that is counted */
    size_t dropped_bytes;           /* of its input: a body whose memory was released */
    enum guard_judgement judgement; /* of the head at the start of its input */
    struct node unsettled;          /* on http->unsettled */
    void (*on_evicted)(struct exchange *exchange); /* the memory of its body is needed */
    struct watch lingering;                        /* fd -1: it closes without lingering */
    struct timer linger_end;
    uint64_t lingered_bytes;
};

/* Hand a new connection to h2o. It occupies a place of `address` at the entrance, which on_left of
 * the entrance gives back. Returns false when memory is out: the caller then still owns the socket
 * and the place. */
bool connection_open(struct entrance *entrance, struct address_entry *address,
                     h2o_socket_t *socket);

struct connection *connection_of(const h2o_req_t *req);
/* Call this before an answer that closes the connection while the client may still be sending. It
 * lets the client read the answer. */
void connection_linger(struct connection *connection);

/* The request has come whole: `exchange` serves it until connection_forget_request. on_evicted: the
 * memory of its body is needed. */
void connection_serve(struct connection *connection, struct exchange *exchange,
                      void (*on_evicted)(struct exchange *exchange));
/* Judge the head of h2o's current request. Sets *why as guard_judge does. */
enum guard_judgement connection_judge(struct connection *connection, const char **why);
/* That request has gone: another may follow. h2o may begin to read again in this turn. */
void connection_forget_request(struct connection *connection);
/* Note that `bytes` bytes of the current request were released to the system. */
void connection_note_dropped(struct connection *connection, size_t bytes);
/* Call this at the end of a turn: it puts our read callback in front of h2o's again where h2o has
 * begun to read. */
void connections_settle(struct http *http);

#endif
