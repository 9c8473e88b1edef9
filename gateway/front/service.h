/* service.h - what every handler works with. */
#ifndef MAYFLY_SERVICE_H
#define MAYFLY_SERVICE_H

#include "common/config.h"
#include "common/list.h"
#include "front/gate.h"
#include "front/http.h"
#include "front/link.h"
#include "front/metrics.h"

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
    bool draining;           /* new runs are refused; the rest goes on */
};

/* Whose request is in hand: the name of its key; "" where no keys are configured. */
static inline const char *service_owner(const struct service *service)
{
    return service->caller.key ? service->caller.key->name : "";
}

#endif
