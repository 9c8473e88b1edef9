#include "broker/pool.h"

#include "broker/stock.h"
#include "common/clock.h"
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- run and box: linked and unlinked here only ---- */

void pool_pair(struct run *run, struct box *box)
{
    run->box = box;
    box->run = run;
}

void pool_unpair(struct run *run)
{
    run->box->run = NULL;
    run->box = NULL;
}

/* ---- runs ---- */

void pool_bury_run(struct pool *pool, struct run *run)
{
    timer_stop(pool->loop, &run->queue_timer);
    if (run->box)
        pool_unpair(run);
    if (run->shelf && run->link.list == &run->shelf->waiting) {
        pool->waiting_count--;
        turns_give_back(&pool->turns, run->owner);
    }
    node_append(&run->link, &pool->dead_runs);
}

static void refuse(struct pool *pool, struct run *run, const struct error *why, uint32_t retry_ms)
{
    pool_bury_run(pool, run);
    run_refuse(run, why, retry_ms);
}

void pool_refuse_shelf(struct pool *pool, struct shelf *shelf, const struct error *why)
{
    struct run *run;
    while ((run = list_first(&shelf->waiting)) != NULL)
        refuse(pool, run, why, RETRY_ENGINE_MS);
}

static void refuse_all(struct pool *pool, const struct error *why)
{
    for (size_t i = 0; i < pool->shelves.count; i++)
        pool_refuse_shelf(pool, pool->shelves.all[i], why);
}

/* When a place will be free, by the measured rate. */
static uint32_t retry_ms(const struct pool *pool)
{
    uint64_t wait_ms = pool->interval_ns * pool->waiting_count / NS_PER_MS;
    return wait_ms < 1000 ? 1000 : wait_ms > 60000 ? 60000 : (uint32_t)wait_ms;
}

static void on_queue_late(void *arg)
{
    struct run *run = arg;
    struct error why;
    error_set(&why, ERR_BUSY, "no box became free within %u ms", (unsigned)run->queue_timeout_ms);
    refuse(run->pool, run, &why, retry_ms(run->pool));
}

static bool is_within(const struct job *job, const struct config *config)
{
    return job->limits.memory_bytes <= config->max_limits.memory_bytes &&
           job->limits.cpu_millis <= config->max_limits.cpu_millis &&
           job->limits.pids <= config->max_limits.pids &&
           job->timeout_ms <= config->max_timeout_ms &&
           job->output_bytes <= config->max_output_bytes &&
           job->files_bytes <= config->output_files_bytes &&
           job->file_bytes <= config->output_file_bytes &&
           job->displays_bytes <= config->displays_bytes;
}

/* Would a box serve a run, and be what is promised. */
static bool is_serving(const struct pool *pool, const struct shelf *shelf, struct error *err)
{
    bool served_at_once = shelf->ready.count > shelf->waiting.count;
    if (pool->distrust.kind != ERR_NONE)
        return error_set(err, ERR_ENGINE, "%s", pool->distrust.text);
    if (!served_at_once && pool->failures >= FAILURES_TROUBLE)
        return error_set(err, ERR_ENGINE, "%s", pool->trouble.text);
    if (!served_at_once && pool->waiting_count >= pool->config->max_waiting)
        return error_set(err, ERR_BUSY, "%u runs wait already", (unsigned)pool->waiting_count);
    return true;
}

/* The front has checked all this; it is not trusted, and neither is its idea of the settings. */
static bool admit(struct pool *pool, const struct job *job, bool is_canary, struct shelf **shelf,
                  struct error *err)
{
    if (pool->draining)
        return error_set(err, ERR_DRAINING, "the gateway is stopping");
    int runtime = config_runtime_index(pool->config, bytes_of_string(job->runtime));
    if (runtime < 0)
        return error_set(err, ERR_INVALID, "there is no runtime \"%s\"", job->runtime);
    if (!is_within(job, pool->config))
        return error_set(err, ERR_INVALID, "a limit is above the configured maximum");
    if (!engine_is_up(pool->engine))
        return error_set(err, ERR_ENGINE, "%s", engine_trouble(pool->engine));
    *shelf = shelves_find(&pool->shelves, (size_t)runtime, &job->limits);
    if (!*shelf)
        return error_set(err, ERR_BUSY, "too many different limits are in use at once");
    return is_canary || is_serving(pool, *shelf, err);
}

static struct run *run_new(struct pool *pool, uint64_t run_id, struct bytes payload,
                           const struct job *job, struct shelf *shelf)
{
    struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return NULL;
    *run = (struct run){.id = run_id,
                        .runtime_index = shelf->runtime_index,
                        .limits = job->limits,
                        .timeout_ms = job->timeout_ms,
                        .queue_timeout_ms = job->queue_timeout_ms,
                        .quota = quota_of_job(job),
                        .shelf = shelf,
                        .submitted_ns = clock_now_ns(),
                        .queue_timer = {.fire = on_queue_late, .arg = run},
                        .pool = pool};
    snprintf(run->trace_id, sizeof(run->trace_id), "%s", job->trace_id);
    snprintf(run->owner, sizeof(run->owner), "%s", job->owner);
    node_init(&run->link, run);
    buf_init(&run->frame, payload.len + WIRE_HEADER_BYTES);
    if (wire_append(&run->frame, WIRE_RUN, run_id, payload.data, payload.len) &&
        timer_start(pool->loop, &run->queue_timer, run->queue_timeout_ms))
        return run;
    buf_release(&run->frame);
    free(run);
    return NULL;
}

/* Behind all whose turn is the same or before. */
static void enqueue(struct pool *pool, struct run *run)
{
    struct list *waiting = &run->shelf->waiting;
    struct node *before = waiting->last;
    run->turn = turns_take(&pool->turns, run->owner);
    while (before && ((const struct run *)before->owner)->turn > run->turn)
        before = before->previous;
    node_insert(&run->link, waiting, before);
    pool->waiting_count++;
}

static struct run *submit(struct pool *pool, uint64_t run_id, struct bytes payload, bool is_canary,
                          struct error *err)
{
    struct job job;
    struct shelf *shelf = NULL;
    if (!job_decode(payload, &job, err) || !admit(pool, &job, is_canary, &shelf, err) || !shelf)
        return NULL;
    struct run *run = run_new(pool, run_id, payload, &job, shelf);
    if (!run) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    run->is_canary = is_canary;
    run->tally = is_canary ? NULL : &pool->tally;
    enqueue(pool, run);
    return run;
}

struct run *pool_submit(struct pool *pool, uint64_t run_id, struct bytes payload, run_sink *sink,
                        void *arg, uint32_t *retry, struct error *err)
{
    tally_submitted(&pool->tally);
    struct run *run = submit(pool, run_id, payload, false, err);
    if (!run) {
        *retry = err->kind == ERR_BUSY ? retry_ms(pool) : RETRY_ENGINE_MS;
        tally_refused(&pool->tally, err->kind);
        return NULL;
    }
    run->sink = sink;
    run->arg = arg;
    return run;
}

struct run *pool_submit_canary(struct pool *pool, uint64_t run_id, struct bytes payload,
                               run_sink *sink, void *arg, struct error *err)
{
    struct run *run = submit(pool, run_id, payload, true, err);
    if (run) {
        run->sink = sink;
        run->arg = arg;
    }
    return run;
}

void pool_cancel(struct pool *pool, struct run *run)
{
    struct box *box = run->box;
    pool_bury_run(pool, run);
    tally_canceled(run->tally);
    log_event(LOG_INFO, "run_cancelled", LOG_RUN(run->id), LOG_END);
    if (box)
        stock_retire(pool, box);
}

/* ---- the engine comes and goes ---- */

static const char untested_text[] = "the sandbox's self-test has not passed yet";

void pool_engine_up(struct pool *pool)
{
    stock_engine_up(pool);
}

void pool_engine_down(struct pool *pool, const struct error *why)
{
    error_set(&pool->distrust, ERR_ENGINE, "%s", untested_text);
    refuse_all(pool, why);
}

void pool_trust(struct pool *pool)
{
    pool->distrust.kind = ERR_NONE;
}

void pool_distrust(struct pool *pool, const struct error *why)
{
    pool->distrust = *why;
    refuse_all(pool, why);
}

/* ---- life ---- */

/* The configured shelves: each runtime with the default limits. */
static bool make_shelves(struct pool *pool)
{
    for (size_t i = 0; i < pool->config->runtimes_count; i++) {
        struct shelf *shelf = shelves_find(&pool->shelves, i, &pool->config->default_limits);
        if (!shelf)
            return false;
        shelf->warm = pool->config->runtimes[i].warm;
        shelf->is_configured = true;
    }
    return true;
}

/* Two gateways on one engine must not share uids: each has a block of its own, by its instance. A
 * box's uid is first_uid + its slot. */
static uint32_t first_uid(const struct config *config, const char *instance)
{
    uint32_t number = 0;
    for (const char *digit = instance; *digit; digit++)
        number = number * 31 + (uint8_t)*digit;
    return config->uid_base + number % config->uid_blocks * CONFIG_UID_BLOCK_SIZE;
}

struct pool *pool_new(struct loop *loop, struct docker *docker, struct engine *engine,
                      const struct config *config, const char *instance, struct error *err)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (pool) {
        pool->loop = loop;
        pool->docker = docker;
        pool->engine = engine;
        pool->config = config;
        pool->instance = instance;
        pool->first_uid = first_uid(config, instance);
        error_set(&pool->distrust, ERR_ENGINE, "%s", untested_text);
        pool->slot_is_taken = calloc(config->max_boxes, sizeof(bool));
    }
    if (pool && pool->slot_is_taken && make_shelves(pool))
        return pool;
    pool_free(pool);
    error_set(err, ERR_SYSTEM, "out of memory");
    return NULL;
}

static void free_run(struct pool *pool, struct run *run)
{
    timer_stop(pool->loop, &run->queue_timer);
    node_remove(&run->link);
    buf_release(&run->frame);
    free(run);
}

static void free_runs(struct pool *pool, struct list *list)
{
    struct run *run;
    while ((run = list_take(list)) != NULL)
        free_run(pool, run);
}

void pool_turn(struct pool *pool)
{
    stock_turn(pool);
    free_runs(pool, &pool->dead_runs);
    shelves_tidy(&pool->shelves);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < pool->shelves.count; i++)
        free_runs(pool, &pool->shelves.all[i]->waiting);
    free_runs(pool, &pool->running_runs);
    free_runs(pool, &pool->dead_runs);
    stock_release(pool);
    timer_stop(pool->loop, &pool->backoff);
    timer_stop(pool->loop, &pool->refill);
    shelves_release(&pool->shelves);
    free(pool->slot_is_taken);
    free(pool);
}

void pool_drain(struct pool *pool)
{
    pool->draining = true;
}

void pool_stop(struct pool *pool)
{
    struct error why;
    struct run *run;
    error_set(&why, ERR_DRAINING, "the gateway is stopping");
    pool->draining = pool->stopped = true;
    refuse_all(pool, &why);
    while ((run = list_first(&pool->running_runs)) != NULL) {
        pool_bury_run(pool, run);
        run_end(run, VERDICT_LOST, "the gateway was stopped");
    }
    stock_retire_all(pool);
}

bool pool_is_idle(const struct pool *pool)
{
    return pool->waiting_count == 0 && pool->running_runs.count == 0;
}

uint32_t pool_first_uid(const struct pool *pool)
{
    return pool->first_uid;
}

size_t pool_box_count(const struct pool *pool)
{
    return pool->boxes_count;
}

/* The configured shelves are the first, and stay. */
size_t pool_ready_count(const struct pool *pool, size_t runtime_index)
{
    return pool->shelves.all[runtime_index]->ready.count;
}

/* ---- the report ---- */

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

void pool_report(const struct pool *pool, struct samples *samples)
{
    const struct config *config = pool->config;
    tally_report(&pool->tally, config, samples);
    samples_put(samples, METRIC_RUNS_WAITING, LABELS(NULL), pool->waiting_count);
    samples_put(samples, METRIC_RUNS_WAITING_LIMIT, LABELS(NULL), config->max_waiting);
    samples_put(samples, METRIC_RUNS_RUNNING, LABELS(NULL), pool->running_runs.count);
    for (int state = BOX_CREATING; state <= BOX_REMOVING; state++)
        samples_put(samples, METRIC_BOXES, LABELS(box_state_name((enum box_state)state)),
                    stock_count(pool, (enum box_state)state));
    samples_put(samples, METRIC_BOXES_LIMIT, LABELS(NULL), config->max_boxes);
    samples_put_histogram(samples, METRIC_BOX_START_DURATION, LABELS(NULL), &pool->starts);
    samples_put(samples, METRIC_BOX_STARTS_FAILED, LABELS(NULL), pool->failed_starts_count);
}
