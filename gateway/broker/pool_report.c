/* What the pool says of itself. */
#include "broker/stock.h"

#include <stdio.h>

static const char *trouble_of(const struct pool *pool)
{
    if (pool->draining)
        return "the gateway is stopping";
    if (!engine_is_up(pool->engine))
        return engine_trouble(pool->engine);
    if (pool->failures >= FAILURES_TROUBLE)
        return pool->trouble.text;
    return pool->distrust.kind == ERR_NONE ? "" : pool->distrust.text;
}

void pool_judge(const struct pool *pool, struct status *status)
{
    const char *trouble = trouble_of(pool);
    status->ready = trouble[0] == '\0';
    snprintf(status->reason, sizeof(status->reason), "%s", trouble);
    status->retry_ms = status->ready ? 0 : RETRY_ENGINE_MS;
}

struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg)
{
    return run->box ? docker_measure(pool->docker, run->box->id, done, arg) : NULL;
}

void pool_report(const struct pool *pool, struct samples *samples)
{
    const struct config *config = pool->config;
    tally_report(&pool->tally, config, samples);
    samples_put(samples, METRIC_RUNS_WAITING, LABELS(NULL), pool->waiting_count);
    samples_put(samples, METRIC_RUNS_WAITING_LIMIT, LABELS(NULL), config->max_waiting);
    samples_put(samples, METRIC_RUNS_WAITING_BYTES, LABELS(NULL), room_bytes(&pool->room));
    samples_put(samples, METRIC_RUNS_WAITING_BYTES_LIMIT, LABELS(NULL), config->max_waiting_bytes);
    samples_put(samples, METRIC_RUNS_RUNNING, LABELS(NULL), pool->running_runs.count);
    for (int state = BOX_CREATING; state <= BOX_REMOVING; state++)
        samples_put(samples, METRIC_BOXES, LABELS(box_state_name((enum box_state)state)),
                    stock_count(pool, (enum box_state)state));
    samples_put(samples, METRIC_BOXES_LIMIT, LABELS(NULL), config->max_boxes);
    samples_put_histogram(samples, METRIC_BOX_START_DURATION, LABELS(NULL), &pool->starts);
    samples_put(samples, METRIC_BOX_STARTS_FAILED, LABELS(NULL), pool->failed_starts_count);
}
