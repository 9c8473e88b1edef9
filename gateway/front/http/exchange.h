/* exchange.h - one request and its answer.
 *
 * http hands each exchange to a handler (entrance.h) once its request has come whole and has passed
 * the guard. The handler answers within the call, or keeps the exchange and answers later.
 *
 * A client has gone when it closes, resets, or shuts down its sending side before the answer: half
 * a connection counts as a hang-up, since the two cannot be told apart until it is too late to stop
 * the program.
 *
 * Single-threaded. Knows nothing of runs.
 */
#ifndef MAYFLY_EXCHANGE_H
#define MAYFLY_EXCHANGE_H

#include "common/buf.h"
#include "front/http/exchange_body.h"
#include "front/http/exchange_view.h"
#include "front/http/problem.h"
#include "front/http/source.h"

/* ---- while it is pending ---- */

/* Call on_gone when the client has gone before the answer: from the call on, the exchange must not
 * be used any more. It is called at most once, never from within the handler. */
void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg);

/* ---- the answer ---- */

/* Add a header to the answer, besides those that every answer has. Lends the name, which is in
 * lower case, for the life of the process; copies the value. "cache-control" replaces the usual
 * "no-store". */
void exchange_set_header(struct exchange *exchange, const char *name, const char *value);

/* Each of these sends the whole answer, and is the last use of the exchange. */

/* Takes the body's bytes; lends content_type for the life of the process. An empty body has the
 * content_type NULL. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body);
/* The same with a body that is lent for the life of the process. */
void exchange_answer_lent(struct exchange *exchange, int status, const char *content_type,
                          struct bytes body);
void exchange_answer_problem(struct exchange *exchange, const struct problem *problem);
/* 404: there is nothing at this path. */
void exchange_answer_not_found(struct exchange *exchange);
/* 422: these fields of the request are invalid. */
void exchange_answer_fields(struct exchange *exchange, const struct field_errors *errors);

/* ---- an answer in parts ---- */

/* Begin a 200 whose body the source gives, from the next turn on. Takes arg; lends source and
 * content_type for the life of the process. on_gone, if any, is forgotten, since `release` is
 * called instead. While bytes wait for it, a client must read them (patience.h; the timeout is
 * write_timeout_ms). The last use of exchange but for exchange_wake and exchange_evict, until
 * release. No call of this header calls the source. */
void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg);
/* A source that said SOURCE_WAIT has something now. May be called at any time. */
void exchange_wake(struct exchange *exchange);
/* Returns how long its client, a slow one, has let bytes of the answer wait; 0: it is not slow. */
uint64_t exchange_slow_ms(const struct exchange *exchange);
/* Cut the client off: the memory that the answer holds is needed. The source is released soon, in a
 * later turn, and not asked before. */
void exchange_evict(struct exchange *exchange);

#endif
