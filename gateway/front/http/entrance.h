/* entrance.h - an entrance: a listening socket with its limits, gate and handler. */
#ifndef MAYFLY_ENTRANCE_H
#define MAYFLY_ENTRANCE_H

#include <stdbool.h>
#include <stdint.h>

#define ENTRANCES_MAX 2 /* one for the API, one for the metrics */

struct exchange;
struct guard_pass;
struct problem;

/* Handles a request. http owns the exchange, which is valid until it was answered or its client has
 * gone (exchange.h). */
typedef void http_handler(void *arg, struct exchange *exchange);

/* Decides from a request's head whether it may pass. If it returns true, *owner is the name of its
 * key, valid for this turn, or "" if it has none. If it returns false, *problem is the answer; its
 * strings are static. Called before the body is read. Not called for pipelined requests. */
typedef bool http_gate(void *arg, const struct guard_pass *pass, const char **owner,
                       struct problem *problem);

struct entrance_terms {
    const char *name; /* borrowed for the life of the process, as is arg */
    uint32_t max_connections, max_connections_per_address;
    http_gate *gate;
    http_handler *handler;
    void *arg; /* for gate and handler */
};

#endif
