/* service.h - the parts of the front that handlers work with. */
#ifndef MAYFLY_SERVICE_H
#define MAYFLY_SERVICE_H

#include "common/config.h"
#include "common/ledger.h"
#include "common/list.h"
#include "front/http/http.h"
#include "front/keys/gate.h"
#include "front/metrics.h"
#include "front/reactor.h"
#include "front/runs/execution.h"

/* The requests that are being read; intake.h has the theory. */
struct intakes {
    struct list small, large;
    struct desk *spare; /* NULL: none */
    struct task task;   /* on while there are any */
};

struct route;

struct service {
    const struct config *config;
    const struct route *dialects; /* their routes; the last has no pattern */
    struct reactor *reactor;
    struct http *http;
    struct metrics *metrics;
    struct gate *gate;
    struct archive *archive; /* the executions that can be asked for later */
    struct intakes intakes;
    struct executions executions;
    struct ledger portions; /* what each reader has in hand of an answer: portion.h */
    bool draining;          /* new runs are refused; everything else continues */
};

/* Begin with no part but the reactor, and set the budgets that are not any one part's. A quarter of
 * what may wait to be read is for what readers have in hand, so that these get on also when nothing
 * else fits. Lends both for the life of the process. */
static inline void service_init(struct service *service, const struct config *config,
                                struct reactor *reactor)
{
    uint64_t portions_bytes = config->max_unread_bytes / 4;
    *service = (struct service){
        .config = config,
        .reactor = reactor,
        .executions = {.reactor = reactor,
                       .unread.max_bytes = config->max_unread_bytes - portions_bytes},
        .portions.max_bytes = portions_bytes,
    };
}

#endif
