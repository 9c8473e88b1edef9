/* http_connection.h - a client's connection, as the files of the h2o adapter share it. A part of
 * http_private.h, which alone includes it.
 */
#ifndef MAYFLY_HTTP_CONNECTION_H
#define MAYFLY_HTTP_CONNECTION_H

/* One accepted connection; h2o's socket has it as on_close.data. Lives until h2o has closed the
 * socket and, where the client may still be sending, until that is over (see http_accept.c). */
struct connection {
    struct http *http;
    struct entrance *entrance;
    struct peer *peer;
    h2o_socket_t *socket;           /* NULL once h2o has closed it */
    struct exchange *exchange;      /* the one that h2o has in hand, or NULL */
    h2o_socket_cb h2o_read;         /* h2o's own read callback */
    struct stake body;              /* in http->bodies: what is counted of its input */
    size_t dropped_bytes;           /* of its input: a body whose memory was given back */
    enum guard_judgement judgement; /* of the head at the start of its input */
    bool has_passed;                /* the gate, for that head */
    bool is_unsettled;              /* on http->unsettled, by the two links */
    struct connection *unsettled_prev, *unsettled_next;
    struct watch lingering; /* fd -1: does not linger */
    struct timer linger_end;
    uint64_t lingered_bytes;
};

/* http_accept.c */
struct connection *connection_of(const h2o_req_t *req);
/* Before an answer that closes the connection while the client may still be sending: see to it that
 * the client can read the answer. */
void connection_linger(struct connection *connection);

/* http_input.c */
/* The head of the request that h2o has in hand. *why as guard_judge's. */
enum guard_judgement connection_judge(struct connection *connection, const char **why);
/* That request has gone: another may follow. h2o may begin to read again in this turn. */
void connection_forget_request(struct connection *connection);
/* Step in front of h2o, which reads from the connection already. */
void connection_watch_input(struct connection *connection);
/* The on_give_way of its stake. */
void connection_give_way(struct stake *stake);
/* h2o has closed the socket: it holds nothing any more. */
void connection_drop_input(struct connection *connection);
/* So much of what it holds of that request went back to the system. */
void connection_note_dropped(struct connection *connection, size_t bytes);
/* The end of a turn. */
void http_settle(struct http *http);

#endif
