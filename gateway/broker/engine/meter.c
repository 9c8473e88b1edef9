#include "broker/engine/meter.h"

#include "common/clock.h"

static const char *const call_names[ENGINE_CALLS_COUNT] = {
    [ENGINE_VERSION] = "version", [ENGINE_INFO] = "info",     [ENGINE_IMAGE] = "image",
    [ENGINE_CREATE] = "create",   [ENGINE_ATTACH] = "attach", [ENGINE_START] = "start",
    [ENGINE_INSPECT] = "inspect", [ENGINE_STATS] = "stats",   [ENGINE_REMOVE] = "remove",
    [ENGINE_LIST] = "list",
};

static const char *const outcome_names[CALL_OUTCOMES_COUNT] = {
    [CALL_OK] = "ok",
    [CALL_MISSING] = "missing",
    [CALL_REFUSED] = "refused",
    [CALL_MALFORMED] = "malformed",
    [CALL_TIMEOUT] = "timeout",
    [CALL_FAILED] = "failed",
    [CALL_CANCELED] = "canceled",
};

struct metered meter_begin(struct meter *meter, enum engine_call call)
{
    return (struct metered){.meter = meter, .call = call, .begun_ns = clock_now_ns()};
}

void meter_end(struct metered *metered, enum call_outcome outcome)
{
    struct meter *meter = metered->meter;
    if (!meter)
        return;
    metered->meter = NULL;
    meter->outcomes[metered->call][outcome]++;
    histogram_add(&meter->durations[metered->call], &histogram_seconds,
                  clock_now_ns() - metered->begun_ns);
}

enum call_outcome meter_outcome(long status, enum error_kind why)
{
    if (status == 0)
        return why == ERR_TIMEOUT ? CALL_TIMEOUT : CALL_FAILED;
    if (status == 404)
        return CALL_MISSING;
    return status >= 400 ? CALL_REFUSED : CALL_OK;
}

void meter_report(const struct meter *meter, struct samples *samples)
{
    for (size_t call = 0; call < ENGINE_CALLS_COUNT; call++) {
        for (size_t outcome = 0; outcome < CALL_OUTCOMES_COUNT; outcome++)
            samples_put(samples, METRIC_ENGINE_CALLS,
                        LABELS(call_names[call], outcome_names[outcome]),
                        meter->outcomes[call][outcome]);
    }
    for (size_t call = 0; call < ENGINE_CALLS_COUNT; call++)
        samples_put_histogram(samples, METRIC_ENGINE_CALL_DURATION, LABELS(call_names[call]),
                              &meter->durations[call]);
}
