/* call.h - what a handler needs to know of its request: the exchange, the caller and the
 * service. */
#ifndef MAYFLY_CALL_H
#define MAYFLY_CALL_H

#include "front/api/service.h"
#include "front/http/exchange.h"
#include "front/keys/gate.h"

/* Valid during the handler's call. */
struct call {
    struct service *service;
    struct exchange *exchange;
    struct caller caller;
};

/* Returns the name of the caller's key; "" if no keys are configured. */
static inline const char *call_owner(const struct call *call)
{
    return caller_name(&call->caller);
}

/* Returns the settings that apply to the caller. If the caller has a key, these are in *narrowed,
 * because a key can narrow the gateway's settings. */
static inline const struct config *call_config(const struct call *call, struct config *narrowed)
{
    if (!call->caller.key)
        return call->service->config;
    key_narrow(call->caller.key, call->service->config, narrowed);
    return narrowed;
}

#endif
