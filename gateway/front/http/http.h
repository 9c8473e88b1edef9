/* http.h - the HTTP server: turns connections into exchanges. Only the files behind this header use
 * h2o.
 *
 * An exchange is one request and its answer. A handler gets it when the request is complete and has
 * passed the guard. It answers at once, or keeps the exchange and answers later. This folder adds
 * functions that h2o 2.2.5 lacks: limits of connections (in total and per address), a deadline for
 * slow readers, a callback when a client hangs up, refusal of ambiguous requests, and problem
 * documents for h2o's own errors.
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

/* Borrows config, reactor and metrics for the life of the process. No function frees the server,
 * because h2o cannot end its connections. Returns NULL with ERR_SYSTEM on failure. */
struct http *http_new(const struct config *config, struct reactor *reactor, struct metrics *metrics,
                      struct error *err);

/* Accept connections at listen_fd. Takes listen_fd. Each entrance has its own limits. Call it at
 * most ENTRANCES_MAX times. */
void http_enter(struct http *http, int listen_fd, const struct entrance_terms *terms);

/* Append the metrics of current connections and requests. */
void http_report(const struct http *http, struct samples *samples);

/* Run one turn: wait for an event or the reactor's next timer, handle all events and timers that
 * are due, the reactor's too, and write parts of answers. Returns false when the event loop
 * fails. */
bool http_turn(struct http *http);

/* From now on, close each connection after its answer. */
void http_drain(struct http *http);
/* Returns the number of exchanges whose answer is not completely sent yet. */
size_t http_exchanges_count(const struct http *http);

#endif
