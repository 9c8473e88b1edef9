/* http.h - the HTTP door: connections in, exchanges out. This header hides everything that knows
 * h2o.
 *
 * An exchange is one request and its answer. The handler gets each exchange whose request has come
 * whole and has passed the guard; it answers in the call or keeps the exchange and answers later.
 * The files of this room add what h2o 2.2.5 lacks: caps on connections (in all and per address), a
 * deadline for slow readers, notice of a client that has gone, refusal of ambiguous framing,
 * problem+json for the errors that h2o makes itself.
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

/* Lends config, reactor and metrics for the life of the process: h2o has no call that ends its
 * connections, so the door lives as long. Fails with ERR_SYSTEM. */
struct http *http_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      struct error *err);

/* Accept connections at listen_fd, which is taken. The places that one entrance takes leave the
 * other's free. At most ENTRANCES_MAX times. */
void http_enter(struct http *http, int listen_fd, const struct entrance_terms *terms);

/* Put the metrics of what it holds now. */
void http_report(const struct http *http, struct samples *samples);

/* Make one turn: wait for an event or for the reactor's next timer, run what is due, the reactor's
 * watches and timers included, and write some of the answers that can proceed. Returns false when
 * the event loop itself is broken. */
bool http_turn(struct http *http);

/* From now on every answer closes its connection. */
void http_drain(struct http *http);
/* The number of exchanges whose answer has not been sent whole. */
size_t http_exchanges_count(const struct http *http);

#endif
