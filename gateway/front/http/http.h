/* http.h - the HTTP door: it turns connections into exchanges. Everything that knows h2o is behind
 * this header.
 *
 * An exchange is one request and its answer. The handler gets each exchange whose request has come
 * whole and has passed the guard. The handler answers in the call, or keeps the exchange and
 * answers later. The files of this room add what h2o 2.2.5 lacks: limits on connections (in all and
 * per address), a deadline for slow readers, notice of a client that has gone, refusal of ambiguous
 * framing, and problem+json for h2o's own errors.
 *
 * Single-threaded. Knows nothing of runs.
 */
#ifndef MAYFLY_HTTP_H
#define MAYFLY_HTTP_H

#include "common/config.h"
#include "front/http/entrance.h"
#include "front/metrics.h"
#include "front/reactor.h"

struct http;

/* Borrows config, reactor and metrics for the life of the process: h2o has no function that ends
 * its connections, so the door is never freed. Fails with ERR_SYSTEM. */
struct http *http_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      struct error *err);

/* Accept connections at listen_fd. Takes listen_fd. Each entrance has its own limits of
 * connections. Call it at most ENTRANCES_MAX times. */
void http_enter(struct http *http, int listen_fd, const struct entrance_terms *terms);

/* Append the metrics of the connections and requests that exist now. */
void http_report(const struct http *http, struct samples *samples);

/* Make one turn: wait for an event or for the next timer of the reactor, run everything that is
 * due, the reactor's watches and timers included, and write some of the answers that can proceed.
 * Returns false when the event loop itself is broken. */
bool http_turn(struct http *http);

/* From now on every answer closes its connection. */
void http_drain(struct http *http);
/* The number of exchanges whose answer has not been sent whole. */
size_t http_exchanges_count(const struct http *http);

#endif
