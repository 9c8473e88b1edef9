/* entrance.h - a way in: a listening socket, and what becomes of the requests that come there. */
#ifndef MAYFLY_ENTRANCE_H
#define MAYFLY_ENTRANCE_H

#include <stdbool.h>
#include <stdint.h>

#define ENTRANCES_MAX 2 /* the main one, and the metrics' own */

struct exchange;
struct guard_pass;
struct problem;

/* Take an exchange, which is http's and valid until it is answered or its client has gone
 * (exchange.h). */
typedef void http_handler(void *arg, struct exchange *exchange);

/* May this request pass, as far as its head shows? True: *owner is the name of the key that it
 * belongs to, lent for this turn; "" when it belongs to nobody in particular. False: *problem is
 * the answer, its strings static. Called when a head has come, before its body is read; not called
 * for the heads of pipelined requests. */
typedef bool http_gate(void *arg, const struct guard_pass *pass, const char **owner,
                       struct problem *problem);

struct entrance_terms {
    const char *name; /* lent for the life of the process, as is arg */
    uint32_t max_connections, max_connections_per_address;
    http_gate *gate;
    http_handler *handler;
    void *arg; /* of both */
};

#endif
