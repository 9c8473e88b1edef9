/* http.h - the HTTP door: connections in, exchanges out. Everything that knows h2o is behind this
 * header.
 *
 * An exchange is one request and its answer. The handler gets each exchange whose request has come
 * whole and has passed the guard; it answers in the call or keeps the exchange and answers later.
 * What h2o 2.2.5 lacks is added here: caps on connections (in all and per address), a deadline for
 * slow readers, notice of a client that has gone, refusal of ambiguous framing, problem+json for
 * the errors that h2o makes itself.
 *
 * A client is gone when it closes, resets, or shuts down its sending side before the answer: half a
 * connection is taken for a hang-up, since the two cannot be told apart until it is too late to
 * stop the program.
 *
 * Single-threaded. Knows nothing of runs.
 */
#ifndef MAYFLY_HTTP_H
#define MAYFLY_HTTP_H

#include "common/config.h"
#include "front/metrics.h"
#include "front/problem.h"
#include "front/reactor.h"
#include "front/source.h"

struct http;
struct exchange;

/* Owned by http; valid until exchange_answer or its on_gone. */
typedef void http_handler(void *arg, struct exchange *exchange);

/* May this request pass, as far as its head tells? True: *owner is whose it is, lent for this turn;
 * "" when nobody's in particular. False: *problem is the answer, its strings static. Asked when a
 * head has come, before its body is read; heads of pipelined requests are not shown to it. */
struct guard_pass;
typedef bool http_gate(void *arg, const struct guard_pass *pass, const char **owner,
                       struct problem *problem);

/* Lends config, reactor and metrics for ever: h2o has no call that ends its connections, so the
 * door lives as long as the process. Fails with ERR_SYSTEM. */
struct http *http_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      struct error *err);

/* A way in: whose requests go to whom, and how many may come. */
struct entrance_terms {
    const char *name; /* lent for ever, as is arg */
    uint32_t max_connections, max_connections_per_address;
    http_gate *gate;
    http_handler *handler;
    void *arg; /* of both */
};
#define HTTP_ENTRANCES_MAX 2

/* Take connections from listen_fd, which is taken. What one entrance holds leaves the other's
 * places free. At most HTTP_ENTRANCES_MAX times. */
void http_enter(struct http *http, int listen_fd, const struct entrance_terms *terms);

/* Put the metrics of what it holds now. */
void http_report(const struct http *http, struct samples *samples);

/* One turn: wait for an event or for the reactor's next timer, run what is due, the reactor's
 * watches and timers included, and write some of the answers that can go on. False when the event
 * loop itself is broken. */
bool http_turn(struct http *http);

/* From now on every answer closes its connection. */
void http_drain(struct http *http);
/* Exchanges whose answer has not been sent whole. */
size_t http_exchanges_count(const struct http *http);

/* ---- the request; every view is lent until the answer ---- */

struct bytes
exchange_method(const struct exchange *exchange); /* as sent: methods have upper and lower case */
struct bytes exchange_path(const struct exchange *exchange);  /* raw: no decoding, no query */
struct bytes exchange_query(const struct exchange *exchange); /* what follows '?'; may be empty */
/* Lent until the handler returns; or longer, where the handler keeps it. */
struct bytes exchange_body(const struct exchange *exchange);
/* A header's value by its lower-case name, the first when there are several; empty view, data NULL,
 * when absent. */
struct bytes exchange_header(const struct exchange *exchange, const char *name);

/* Read what its head shows of its sender. The views are lent until the answer. */
void exchange_read_pass(const struct exchange *exchange, struct guard_pass *pass);

/* The trace that it belongs to (trace.h): 32 hex digits, or empty. Lent until the answer. */
const char *exchange_trace_id(const struct exchange *exchange);

/* ---- while it is pending ---- */

/* Keep the body beyond the handler's return, to be read in later turns: until exchange_drop_body or
 * the answer. on_evicted: another's request needs its memory, and this owner holds the most
 * (ledger.h). Answer then, within the call; exchange_on_gone is not called. */
void exchange_keep_body(struct exchange *exchange, void (*on_evicted)(void *arg), void *arg);
/* The body is not needed any more: its memory goes back to the system. */
void exchange_drop_body(struct exchange *exchange);

/* Has this turn time left for work that other clients would wait for? */
bool exchange_has_time(const struct exchange *exchange);

/* Call on_gone when the client has gone before the answer: the exchange must not be used any more,
 * from the call on. At most once, never from within the handler. */
void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg);

/* Which route it took, and what the path has where the route has a parameter (a view of the path).
 * For the handler, and for the line that is logged when it ends. `route` is lent for ever. */
void exchange_note_route(struct exchange *exchange, const char *route, struct bytes parameter);
struct bytes exchange_parameter(const struct exchange *exchange);

/* For that line. `verdict` is lent for ever. */
void exchange_note_run(struct exchange *exchange, uint64_t run_id);
void exchange_note_key(struct exchange *exchange, const char *name); /* copied */
void exchange_note_verdict(struct exchange *exchange, const char *verdict);

/* ---- the answer ---- */

/* A header of the answer besides the door's own. The name is in lower case and lent for ever; the
 * value is copied. "cache-control" replaces the door's "no-store". */
void exchange_set_header(struct exchange *exchange, const char *name, const char *value);
/* Close the connection after the answer. */
void exchange_close_after(struct exchange *exchange);

/* Send the whole answer. Takes the body's bytes; lends content_type for ever; NULL with an empty
 * body: none. The last use of exchange. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body);
/* The same with a body that is lent for ever. */
void exchange_answer_lent(struct exchange *exchange, int status, const char *content_type,
                          struct bytes body);

/* ---- an answer in parts ---- */

/* Begin a 200 whose body the source gives, from the next turn on. Takes arg; lends source and
 * content_type for ever. on_gone, if any, is forgotten: release tells. While bytes wait for it, a
 * client must read them (patience.h; the timeout is write_timeout_ms). The last use of exchange but
 * for exchange_wake and exchange_evict, until release. No call of this header calls the source. */
void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg);
/* A source that said SOURCE_WAIT has something now. Fine at any time. */
void exchange_wake(struct exchange *exchange);
/* For how long its client, a slow one, has let bytes of the answer wait; 0: it is not slow. */
uint64_t exchange_slow_ms(const struct exchange *exchange);
/* Cut the client off: what the answer holds is needed. The source is released soon, in a later
 * turn, and not asked before. */
void exchange_evict(struct exchange *exchange);

#endif
