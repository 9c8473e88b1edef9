/* entrance.h - a way in: the limits, gate and handler of one listening socket. */
#ifndef MAYFLY_ENTRANCE_H
#define MAYFLY_ENTRANCE_H

#include <stdbool.h>
#include <stdint.h>

#define ENTRANCES_MAX 2 /* the main one, and the metrics' own */

struct exchange;
struct guard_pass;
struct problem;

/* Handle an exchange. http owns it; it is valid until it is answered or its client has gone
 * (exchange.h). */
typedef void http_handler(void *arg, struct exchange *exchange);

/* Decides by its head whether a request may pass. True: *owner is the name of its key, valid for
 * this turn, or "" when it has none. False: *problem is the answer; its strings are static. Called
 * when a head has come, before its body is read. Not called for the heads of pipelined requests. */
typedef bool http_gate(void *arg, const struct guard_pass *pass, const char **owner,
                       struct problem *problem);

struct entrance_terms {
    const char *name; /* borrowed for the life of the process, as is arg */
    uint32_t max_connections, max_connections_per_address;
    http_gate *gate;
    http_handler *handler;
    void *arg; /* of both */
};

#endif
