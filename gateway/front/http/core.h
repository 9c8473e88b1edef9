/* core.h - the state of front/http and its entrances, for the files that use h2o. No other file
 * includes this header or sees h2o. */
#ifndef MAYFLY_HTTP_CORE_H
#define MAYFLY_HTTP_CORE_H

#include <h2o.h>

#include "common/config.h"
#include "common/ledger.h"
#include "common/list.h"
#include "front/http/addresses.h"
#include "front/http/entrance.h"
#include "front/metrics.h"
#include "front/reactor.h"

struct connection;

/* One listening socket. */
struct entrance {
    struct http *http;
    struct entrance_terms terms;
    h2o_socket_t *listener;
    struct timer
        accept_retry; /* started while accepting is paused because descriptors or memory are out */
    bool accepting;
    size_t connections_count;
    struct addresses addresses;
    void (*on_left)(struct entrance *entrance, struct address_entry *address);
};

struct http {
    const struct config *config;
    struct reactor *reactor;
    struct metrics *metrics;
    h2o_globalconf_t globalconf;
    h2o_context_t context;
    h2o_accept_ctx_t accept_context;
    h2o_socket_t *reactor_socket; /* the reactor's epoll set, which h2o's loop watches */
    struct entrance entrances[ENTRANCES_MAX];
    size_t entrances_count;
    bool draining;
    size_t exchanges_count;
    struct ledger bodies;   /* the budget for the requests' bytes of all connections */
    struct list ready;      /* exchanges whose source can be asked for more */
    struct watch nudge;     /* its fd is always readable; watched while a turn has work left */
    uint64_t busy_since_ns; /* when the first request of this turn began; 0: none yet */
    size_t turn_bytes;      /* bytes read in this turn */
    struct list unsettled;  /* connections whose read callback must be checked (connection.c) */
};

#endif
