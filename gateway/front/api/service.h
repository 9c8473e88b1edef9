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
#include "front/runs/suite.h"

/* Requests that are being read (intake.h). */
struct intakes {
    struct list small, large;
    struct desk *spare; /* an unused desk; NULL: none */
    struct task task;   /* runs while a request is queued */
};

struct route;

struct service {
    const struct config *config;
    const struct route *dialects; /* the dialects' routes; the last has no pattern */
    struct reactor *reactor;
    struct http *http;
    struct metrics *metrics;
    struct gate *gate;
    struct archive *archive; /* executions that can be retrieved later */
    struct intakes intakes;
    struct executions executions;
    struct suites suites;
    struct ledger portions; /* budget for the text that is being sent to clients (portion.h) */
    bool draining;          /* new runs are refused; everything else continues */
};

/* Initialise a service: set config, reactor and the budgets. A quarter of max_unread_bytes is for
 * portions, so that clients can still read when there is no space for more output. Borrows config
 * and reactor for the life of the process. */
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
        .suites = {.executions = &service->executions,
                   .judging.reactor = reactor,
                   .width = config->parallel_tests},
    };
}

#endif
