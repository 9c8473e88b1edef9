/* http_private.h - what the files of the h2o adapter, http*.c, share. Each says at its head what it
 * is. Nothing else includes this header, and nothing else sees h2o. */
#ifndef MAYFLY_HTTP_PRIVATE_H
#define MAYFLY_HTTP_PRIVATE_H

#include <h2o.h>

#include "common/list.h"
#include "front/guard.h"
#include "front/http.h"
#include "front/ledger.h"
#include "front/patience.h"
#include "front/peers.h"
#include "front/problem.h"
#include "front/trace.h"

/* One listening socket. */
struct entrance {
    struct http *http;
    struct entrance_terms terms;
    h2o_socket_t *listener;
    struct timer accept_retry; /* armed while accept is paused for want of descriptors or memory */
    bool accepting;
    size_t connections_count;
    struct peers peers;
};

struct http {
    const struct config *config;
    struct reactor *reactor;
    struct metrics *metrics;
    h2o_globalconf_t globalconf;
    h2o_context_t context;
    h2o_accept_ctx_t accept_context;
    h2o_socket_t *reactor_socket; /* the reactor's epoll set, watched by h2o's loop */
    struct entrance entrances[HTTP_ENTRANCES_MAX];
    size_t entrances_count;
    bool draining;
    size_t exchanges_count;
    struct ledger bodies;         /* what all connections hold of their requests */
    struct list ready;            /* exchanges whose source is to be asked, in turns */
    struct watch nudge;           /* of what is always readable; on while a turn has work */
    uint64_t busy_since_ns;       /* the first request of this turn; 0: none yet */
    size_t turn_bytes;            /* read in this turn */
    struct connection *unsettled; /* see http_input.c */
};

/* One request and its answer: http_exchange.c. */
struct exchange {
    struct http *http;
    struct connection *connection;
    h2o_req_t *req; /* h2o's; it goes when this exchange goes */
    uint64_t began_ns;
    bool answered;
    struct watch hang_up; /* on while the handler has it */
    void (*on_gone)(void *arg);
    void *gone_arg;
    void (*on_evicted)(void *arg); /* NULL: the body is not kept */
    void *evicted_arg;
    const char *route, *verdict;
    char key[JOB_OWNER_NAME_MAX + 1]; /* whose request it is; "" */
    struct trace trace;
    struct bytes parameter;
    uint64_t run_id;
    h2o_generator_t generator;
    struct buf body;
    struct timer write_deadline;
    uint64_t acked_before_bytes; /* by the client, of earlier answers on its connection */
    struct patience patience;
    const struct source *source; /* NULL: the answer is whole, or not begun */
    void *source_arg;
    struct node ready;        /* on http->ready: its source is to be asked */
    const char *content_type; /* of an answer in parts */
    bool has_head;            /* h2o has the head of the answer */
    bool is_writing;          /* h2o has bytes, and will say when they are with the kernel */
    bool is_gone;             /* the client has hung up, or was cut off */
};

/* http_refusal.c: write a problem straight to a connection that owes no other answer. Whoever calls
 * it closes. pass: of the request, as far as it is known. */
void refusal_send(struct http *http, h2o_socket_t *socket, const struct problem *problem,
                  const struct guard_pass *pass);

int http_on_request(h2o_handler_t *handler, h2o_req_t *req); /* http_exchange.c: h2o's handler */

/* http_headers.c */
/* Add what every answer has, to those that are there. Lends both until the request has gone;
 * content_type NULL: of an answer without a body. */
void http_add_standing_headers(const struct http *http, h2o_req_t *req, const char *content_type,
                               const char *request_id);

/* http_errors.c: h2o's filter, for every answer */
void http_on_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot);
#define HTTP_DETAIL_BYTES 80
/* The 413. `detail` must last as long as it. */
struct problem http_problem_too_large(const struct http *http, char detail[HTTP_DETAIL_BYTES]);

/* Hand h2o the head of the answer. content_length: EXCHANGE_LENGTH_UNKNOWN for none. */
#define EXCHANGE_LENGTH_UNKNOWN UINT64_MAX
void exchange_begin(struct exchange *exchange, int status, const char *content_type,
                    uint64_t content_length);
/* Another's request needs the memory of the body: whoever keeps it is to answer. */
void exchange_evict_body(struct exchange *exchange);
/* http_reading.c: h2o gets bytes now, which the client must read; or they are with the kernel. */
void exchange_begin_reading(struct exchange *exchange); /* with the answer's head */
void exchange_await_write(struct exchange *exchange);
void exchange_end_wait(struct exchange *exchange);
int exchange_fd(const struct exchange *exchange);
/* Make h2o's next write fail, and the close a reset, so that the kernel keeps nothing either. */
void exchange_cut(struct exchange *exchange);
void exchange_log_end(const struct exchange *exchange, int status);
/* Nothing of this answer is left to be asked for: h2o gets its end with these last bytes. */
void exchange_finish(struct exchange *exchange, struct bytes last);

/* http_send.c: the client of an answer in parts has hung up. */
void exchange_abandon(struct exchange *exchange);
/* Ask the sources that have something, for a while. Within h2o's turn, and once in each. */
void http_pump(struct http *http);

#include "front/http_connection.h"

#endif
