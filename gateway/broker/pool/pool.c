#include "broker/pool/pool.h"

#include "broker/pool/stock.h"
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
    if (run->shelf)
        queue_leave(pool, run, true);
    queue_forget(pool, run);
    node_append(&run->link, &pool->dead_runs);
}

void pool_refuse(struct pool *pool, struct run *run, const struct error *why, uint32_t retry_ms)
{
    struct box *box = run->box;
    pool_bury_run(pool, run);
    if (box)
        stock_retire(pool, box);
    run_refuse(run, why, retry_ms);
}

void pool_refuse_shelf(struct pool *pool, struct shelf *shelf, const struct error *why)
{
    struct run *run;
    while ((run = list_first(&shelf->waiting)) != NULL)
        pool_refuse(pool, run, why, RETRY_ENGINE_MS);
}

static struct run *find_unbegun(const struct pool *pool)
{
    struct run *run = list_first(&pool->running_runs);
    while (run && run->has_begun)
        run = node_next(&run->link);
    return run;
}

/* All that have not begun. */
static void refuse_all(struct pool *pool, const struct error *why)
{
    struct run *run;
    for (size_t i = 0; i < pool->shelves.count; i++)
        pool_refuse_shelf(pool, pool->shelves.all[i], why);
    while ((run = find_unbegun(pool)) != NULL)
        pool_refuse(pool, run, why, RETRY_ENGINE_MS);
}

uint32_t pool_retry_ms(const struct pool *pool)
{
    uint64_t wait_ms = pool->interval_ns * pool->waiting_count / NS_PER_MS;
    return wait_ms < 1000 ? 1000 : wait_ms > 60000 ? 60000 : (uint32_t)wait_ms;
}

static void on_queue_late(void *arg)
{
    struct run *run = arg;
    struct error why;
    error_set(&why, ERR_BUSY, "no box became free within %u ms", (unsigned)run->queue_timeout_ms);
    pool_refuse(run->pool, run, &why, pool_retry_ms(run->pool));
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
static bool is_serving(const struct pool *pool, bool served_at_once, struct error *err)
{
    if (pool->distrust.kind != ERR_NONE)
        return error_set(err, ERR_ENGINE, "%s", pool->distrust.text);
    if (!served_at_once && pool->failures >= FAILURES_TROUBLE)
        return error_set(err, ERR_ENGINE, "%s", pool->trouble.text);
    return true;
}

/* Room is made last: it may cost others theirs. */
static bool find_place(struct pool *pool, size_t runtime, const struct job *job, size_t bytes,
                       struct shelf **shelf, struct error *err)
{
    *shelf = shelves_find(&pool->shelves, runtime, &job->limits);
    bool served_at_once = *shelf && (*shelf)->ready.count > (*shelf)->waiting.count;
    if (!is_serving(pool, served_at_once, err))
        return false;
    if (!*shelf && queue_free_shelf(pool, job->owner))
        *shelf = shelves_find(&pool->shelves, runtime, &job->limits);
    if (!*shelf)
        return error_set(err, ERR_BUSY, "too many different limits are in use at once");
    return queue_make_room(pool, job->owner, bytes, !served_at_once, err);
}

/* The front has checked all this; it is not trusted, and neither is its idea of the settings. */
static bool admit(struct pool *pool, const struct job *job, size_t bytes, bool is_canary,
                  struct shelf **shelf, struct error *err)
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
    if (!is_canary)
        return find_place(pool, (size_t)runtime, job, bytes, shelf, err);
    *shelf = shelves_find(&pool->shelves, (size_t)runtime, &job->limits);
    return *shelf || error_set(err, ERR_SYSTEM, "out of memory");
}

/* Takes the frame when it succeeds. */
static struct run *run_new(struct pool *pool, uint64_t run_id, struct buf *frame,
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
    if (!timer_start(pool->loop, &run->queue_timer, run->queue_timeout_ms)) {
        free(run);
        return NULL;
    }
    run->frame = buf_take(frame);
    return run;
}

static struct run *submit(struct pool *pool, struct buf *whole, struct audience *audience,
                          void *arg, bool is_canary, struct error *err)
{
    struct job job;
    struct frame frame;
    struct shelf *shelf = NULL;
    size_t used;
    struct bytes bytes = buf_bytes(whole);
    if (wire_parse(bytes.data, bytes.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used) != WIRE_FRAME) {
        error_set(err, ERR_PROTOCOL, "that is no frame");
        return NULL;
    }
    if (!job_decode(frame.payload, &job, err) ||
        !admit(pool, &job, bytes.len, is_canary, &shelf, err) || !shelf)
        return NULL;
    struct run *run = run_new(pool, frame.run_id, whole, &job, shelf);
    if (run) {
        run->audience = audience;
        run->arg = arg;
        run->is_canary = is_canary;
        run->tally = is_canary ? NULL : &pool->tally;
    }
    if (run && queue_enter(pool, run))
        return run;
    if (run) {
        *whole = buf_take(&run->frame);
        timer_stop(pool->loop, &run->queue_timer);
        free(run);
    }
    error_set(err, ERR_SYSTEM, "out of memory");
    return NULL;
}

struct run *pool_submit(struct pool *pool, struct buf *frame, struct audience *audience, void *arg,
                        uint32_t *retry_ms, struct error *err)
{
    tally_submitted(&pool->tally);
    struct run *run = submit(pool, frame, audience, arg, false, err);
    if (run)
        return run;
    *retry_ms = err->kind == ERR_BUSY ? pool_retry_ms(pool) : RETRY_ENGINE_MS;
    tally_refused(&pool->tally, err->kind);
    return NULL;
}

struct run *pool_submit_canary(struct pool *pool, struct buf *frame, struct audience *audience,
                               void *arg, struct error *err)
{
    return submit(pool, frame, audience, arg, true, err);
}

void pool_set_behind(struct pool *pool, struct audience *audience, bool is_behind)
{
    pool->behind_count = pool->behind_count + is_behind - audience->is_behind;
    audience->is_behind = is_behind;
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
    room_release(&pool->room);
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
    while ((run = list_first(&pool->running_runs)) != NULL) { /* all of these have begun */
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
