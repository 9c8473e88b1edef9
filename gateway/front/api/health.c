#include "front/api/health.h"

#include "common/json.h"
#include "front/runs/link.h"

#define HEALTH_MAX_BYTES 2048

static void put_sessions(struct json_out *json, const struct service *service)
{
    uint32_t limit = config_sessions_most(service->config);
    if (limit == 0)
        return;
    json_key(json, "sessions");
    json_open(json, '{');
    json_key(json, "open");
    json_put_uint(json, sessions_count(link_sessions(service->executions.link)));
    json_key(json, "limit");
    json_put_uint(json, limit);
    json_close(json, '}');
}

/* service: adds its sessions; NULL: does not. */
static void answer_state(struct exchange *exchange, int status, const char *state,
                         const char *reason, const struct service *service)
{
    struct buf body;
    struct json_out json;
    buf_init(&body, HEALTH_MAX_BYTES);
    json_begin(&json, &body);
    json_open(&json, '{');
    json_key(&json, "status");
    json_put_text(&json, state);
    if (reason) {
        json_key(&json, "reason");
        json_put_text(&json, reason);
    }
    if (service)
        put_sessions(&json, service);
    json_close(&json, '}');
    exchange_note_verdict(exchange, state);
    exchange_answer(exchange, status, "application/json", &body);
}

bool health_would_run(const struct service *service, struct error *err)
{
    if (service->draining)
        return error_set(err, ERR_DRAINING, "the gateway is stopping");
    return link_is_ready(service->executions.link, err);
}

void health_handle(const struct call *call)
{
    struct error why;
    if (health_would_run(call->service, &why))
        answer_state(call->exchange, 200, "healthy", NULL, call->service);
    else
        answer_state(call->exchange, 503, "unhealthy", why.text, call->service);
}

void readyz_handle(const struct call *call)
{
    struct error why;
    if (health_would_run(call->service, &why))
        answer_state(call->exchange, 200, "ready", NULL, NULL);
    else
        answer_state(call->exchange, 503, "unready", why.text, NULL);
}

void livez_handle(const struct call *call)
{
    answer_state(call->exchange, 200, "alive", NULL, NULL);
}
