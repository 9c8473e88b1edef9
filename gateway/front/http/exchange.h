/* exchange.h - one request and its answer.
 *
 * A handler (entrance.h) gets an exchange when the request is complete and has passed the guard. It
 * answers at once, or keeps the exchange and answers later.
 *
 * A client has "gone" when it closes, resets, or shuts down its sending side before the answer. A
 * half-closed connection counts as gone too, because a closed and a half-closed connection look the
 * same until something is sent.
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

/* Set the callback for a client that goes before the answer. From the call of on_gone on, the
 * exchange must not be used. It is called at most once, and never within the handler. */
void exchange_on_gone(struct exchange *exchange, void (*on_gone)(void *arg), void *arg);

/* ---- the answer ---- */

/* Add a header to the answer. Borrows the name, which is in lower case, for the life of the
 * process; copies the value. "cache-control" replaces the default "no-store". */
void exchange_set_header(struct exchange *exchange, const char *name, const char *value);

/* Each of these functions sends the whole answer, and must be the last use of the exchange. */

/* Send this body. Takes the body; borrows content_type for the life of the process. content_type is
 * NULL for an empty body. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     struct buf *body);
/* Send an answer with a static body. */
void exchange_answer_static(struct exchange *exchange, int status, const char *content_type,
                            struct bytes body);
void exchange_answer_problem(struct exchange *exchange, const struct problem *problem);
/* 404: nothing is at this path. */
void exchange_answer_not_found(struct exchange *exchange);
/* 422: these fields are invalid. */
void exchange_answer_fields(struct exchange *exchange, const struct field_errors *errors);

/* ---- an answer in pieces ---- */

/* Start an answer with status 200. From the next turn on, the source produces its body. Takes arg;
 * borrows source and content_type for the life of the process. From now on the source's `release`
 * is called instead of on_gone. A client that reads too slowly is cut off (patience.h, with
 * write_timeout_ms). Until `release`, only the three functions below may be called for the
 * exchange. They do not call the source themselves. */
void exchange_send(struct exchange *exchange, const char *content_type, const struct source *source,
                   void *arg);
/* Ask the source again after it has returned SOURCE_WAIT. May be called at any time. */
void exchange_wake(struct exchange *exchange);
/* Returns for how many ms a slow client has let bytes of the answer wait; 0 if the client is not
 * slow.
 */
uint64_t exchange_slow_ms(const struct exchange *exchange);
/* Cut the client off, because the answer's memory is needed. The source is released in a later
 * turn. Until then, its other functions are not called. */
void exchange_evict(struct exchange *exchange);

#endif
