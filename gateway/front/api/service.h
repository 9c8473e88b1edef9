/* service.h - what every handler works with. */
#ifndef MAYFLY_SERVICE_H
#define MAYFLY_SERVICE_H

#include "common/config.h"
#include "common/ledger.h"
#include "common/list.h"
#include "front/http/http.h"
#include "front/keys/gate.h"
#include "front/metrics.h"
#include "front/runs/link.h"

struct service {
    const struct config *config;
    struct reactor *reactor;
    struct link *link;
    struct http *http;
    struct metrics *metrics;
    struct gate *gate;
    struct caller caller;    /* of the request in hand: for the handler's call */
    struct archive *archive; /* the executions that can be asked for later */
    struct list going;       /* the executions whose run has not ended */
    struct ledger waiting;   /* what asks for the runs that have no box yet, as it was sent */
    struct ledger unread;    /* what runs have said, until it is read or kept */
    struct ledger portions;  /* what each reader has in hand of it: portion.h */
    bool draining;           /* new runs are refused; the rest goes on */
};

/* Set the budgets that are not any one part's. A quarter of what may wait to be read is for what
 * readers have in hand, so that these get on also when nothing else fits. */
static inline void service_set_budgets(struct service *service, const struct config *config)
{
    uint64_t portions_bytes = config->max_unread_bytes / 4;
    service->waiting.max_bytes = config->max_pending_bytes;
    service->portions.max_bytes = portions_bytes;
    service->unread.max_bytes = config->max_unread_bytes - portions_bytes;
}

/* Whose request is in hand: the name of its key; "" where no keys are configured. */
static inline const char *service_owner(const struct service *service)
{
    return service->caller.key ? service->caller.key->name : "";
}

#endif
