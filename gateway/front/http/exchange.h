/* exchange.h - one request and its answer.
 *
 * http hands each exchange to a handler (entrance.h) once its request has come whole and has passed
 * the guard. The handler answers within the call, or keeps the exchange and answers later.
 *
 * A client has gone when it closes, resets, or shuts down its sending side before the answer. A
 * half-closed connection counts as a hang-up: by the time that the two can be distinguished, it is
 * too late to stop the program.
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

/* Set the callback for a client that has gone before the answer. From the call of on_gone on, the
 * exchange must not be used any more. on_gone is called at most once, never from within the
 * handler. */
void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg);

/* ---- the answer ---- */

/* Add a header to the answer, besides those that every answer has. Borrows the name, which is in
 * lower case, for the life of the process; copies the value. "cache-control" replaces the usual
 * "no-store". */
void exchange_set_header(struct exchange *exchange, const char *name, const char *value);

/* Each of these functions sends the whole answer, and is the last use of the exchange. */

/* Takes the body's bytes; borrows content_type for the life of the process. content_type is NULL
 * for an empty body. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body);
/* The same with a body that is valid for the life of the process. */
void exchange_answer_static(struct exchange *exchange, int status, const char *content_type,
                            struct bytes body);
void exchange_answer_problem(struct exchange *exchange, const struct problem *problem);
/* 404: there is nothing at this path. */
void exchange_answer_not_found(struct exchange *exchange);
/* 422: these fields of the request are invalid. */
void exchange_answer_fields(struct exchange *exchange, const struct field_errors *errors);

/* ---- an answer in parts ---- */

/* Begin a 200 whose body comes from the source, from the next turn on. Takes arg; borrows source
 * and content_type for the life of the process. Forgets on_gone, because `release` is called
 * instead. While bytes wait for it, a client must read them (patience.h; the timeout is
 * write_timeout_ms). Afterwards only exchange_wake, exchange_slow_ms and exchange_evict may be
 * called, until `release`. No function of this header calls the source. */
void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg);
/* Say that a source which returned SOURCE_WAIT has something now. May be called at any time. */
void exchange_wake(struct exchange *exchange);
/* Returns for how long a slow client has let bytes of the answer wait; 0 if the client is not slow.
 */
uint64_t exchange_slow_ms(const struct exchange *exchange);
/* Cut the client off, because the memory of the answer is needed. The source is released soon, in a
 * later turn, and is not asked before that. */
void exchange_evict(struct exchange *exchange);

#endif
