/* One noun of more than 400 lines: only this file sets run->box, moves a run between lists, and
 * sends its last frame. Each event of the front, the stock and the engine ends in one of these. */
#include "broker/pool/pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/pool/admission.h"
#include "broker/pool/matching.h"
#include "broker/pool/rate.h"
#include "common/clock.h"
#include "common/log.h"

#define RETRY_ENGINE_MS 1000

struct pool {
    struct timers *timers;
    const struct config *config;
    struct shelves shelves;
    struct queue queue;
    struct stock stock;
    struct admission admission;
    struct list running_runs, dead_runs;
    struct rate rate;
    struct tally tally;
};

/* ---- run and box: linked and unlinked here only ---- */

static void pair(struct run *run, struct box *box)
{
    run->box = box;
    box->run = run;
}

static void unpair(struct run *run)
{
    run->box->run = NULL;
    run->box = NULL;
}

/* ---- the end of a run ---- */

/* Take a run off its list. It is freed at the safe point. */
static void bury(struct pool *pool, struct run *run)
{
    timer_stop(pool->timers, &run->queue_timer);
    run_count_unstarted(run);
    if (run->box)
        unpair(run);
    if (run->shelf)
        queue_drop(&pool->queue, run);
    queue_forget(&pool->queue, run);
    node_append(&run->node, &pool->dead_runs);
}

/* Refuse a run that has not begun. If it has a box, retire the box. */
static void refuse(struct pool *pool, struct run *run, const struct error *why, uint32_t retry_ms)
{
    struct box *box = run->box;
    bury(pool, run);
    if (box)
        stock_retire(&pool->stock, box, RETIRED_CANCELED);
    run_refuse(run, why, retry_ms);
}

static void refuse_shelf(struct pool *pool, struct shelf *shelf, const struct error *why)
{
    struct run *run;
    while ((run = list_first(&shelf->waiting)) != NULL)
        refuse(pool, run, why, RETRY_ENGINE_MS);
}

static struct run *find_unbegun(const struct pool *pool)
{
    struct run *run = list_first(&pool->running_runs);
    while (run && run->has_begun)
        run = node_next(&run->node);
    return run;
}

/* Refuse every run that has not begun. */
static void refuse_all(struct pool *pool, const struct error *why)
{
    struct run *run;
    for (size_t i = 0; i < pool->shelves.count; i++)
        refuse_shelf(pool, pool->shelves.all[i], why);
    while ((run = find_unbegun(pool)) != NULL)
        refuse(pool, run, why, RETRY_ENGINE_MS);
}

/* Returns the milliseconds until a place is free, by the measured rate. */
static uint32_t retry_after_ms(const struct pool *pool)
{
    return rate_retry_ms(&pool->rate, pool->queue.count);
}

static void on_queue_late(void *arg)
{
    struct run *run = arg;
    struct error why;
    error_set(&why, ERR_BUSY, "no box became free within %u ms", (unsigned)run->queue_timeout_ms);
    refuse(run->pool, run, &why, retry_after_ms(run->pool));
}

/* ---- coming in ---- */

static void on_run_ousted(void *arg, struct run *run, const struct error *why)
{
    refuse(arg, run, why, retry_after_ms(arg));
}

static void on_shelf_ousted(void *arg, struct shelf *shelf, const struct error *why)
{
    struct pool *pool = arg;
    refuse_shelf(pool, shelf, why);
    stock_retire_shelf(&pool->stock, shelf);
    shelves_tidy(&pool->shelves);
}

static const struct admission_events admission_events = {.on_run_ousted = on_run_ousted,
                                                         .on_shelf_ousted = on_shelf_ousted};

/* Takes the frame when it succeeds. */
static struct run *enter(struct pool *pool, struct run *run, struct shelf *shelf, struct buf *frame)
{
    run->pool = pool;
    run->shelf = shelf;
    run->frame = buf_take(frame);
    run->queue_timer.on_due = on_queue_late;
    timer_start(pool->timers, &run->queue_timer, run->queue_timeout_ms);
    if (queue_enter(&pool->queue, run))
        return run;
    *frame = buf_take(&run->frame);
    timer_stop(pool->timers, &run->queue_timer);
    run_free(run);
    return NULL;
}

static struct run *admit(struct pool *pool, struct buf *whole, struct audience *audience, void *arg,
                         bool is_canary, struct error *err)
{
    struct job job;
    struct frame frame;
    size_t used;
    struct bytes bytes = buf_bytes(whole);
    if (wire_parse(bytes.data, bytes.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used) != WIRE_FRAME) {
        error_set(err, ERR_PROTOCOL, "this is not a frame");
        return NULL;
    }
    if (!job_decode(frame.payload, &job, err))
        return NULL;
    struct shelf *shelf = admission_find_shelf(&pool->admission, &job, bytes.len, is_canary, err);
    if (!shelf)
        return NULL;
    struct run *run = run_new(frame.run_id, shelf->runtime_index, &job);
    if (run) {
        run->audience = audience;
        run->arg = arg;
        run->is_canary = is_canary;
        run->box_runs = is_canary ? 1 : run->box_runs;
        run->tally = is_canary ? NULL : &pool->tally;
        run = enter(pool, run, shelf, whole);
    }
    if (!run)
        error_set(err, ERR_SYSTEM, "the gateway is out of memory");
    return run;
}

struct run *pool_submit(struct pool *pool, struct buf *frame, struct audience *audience, void *arg,
                        uint32_t *again_ms, struct error *err)
{
    tally_submitted(&pool->tally);
    struct run *run = admit(pool, frame, audience, arg, false, err);
    if (run)
        return run;
    *again_ms = err->kind == ERR_BUSY ? retry_after_ms(pool) : RETRY_ENGINE_MS;
    tally_refused(&pool->tally, err->kind);
    return NULL;
}

struct run *pool_submit_canary(struct pool *pool, struct buf *frame, struct audience *audience,
                               void *arg, struct error *err)
{
    return admit(pool, frame, audience, arg, true, err);
}

void pool_set_behind(struct pool *pool, struct audience *audience, bool is_behind)
{
    queue_set_behind(&pool->queue, audience, is_behind);
}

void pool_cancel(struct pool *pool, struct run *run)
{
    struct box *box = run->box;
    bury(pool, run);
    tally_canceled(run->tally);
    log_event(LOG_INFO, "run_canceled", LOG_RUN(run->id), LOG_END);
    if (box)
        stock_retire(&pool->stock, box, RETIRED_CANCELED);
}

void pool_end_scope(struct pool *pool, uint64_t scope)
{
    stock_dismiss(&pool->stock, scope, RETIRED_FINISHED);
}

/* ---- pairing ---- */

static void lease(struct pool *pool, const struct match *match)
{
    struct run *run = match->run;
    struct box *box =
        stock_lease(&pool->stock, run->shelf, match->kept, run_tenant(run), run->box_runs);
    if (!box)
        return;
    queue_serve(&pool->queue, run);
    run_note_box(run, box);
    if (!run->is_canary)
        rate_note(&pool->rate, run->paired_ns);
    pair(run, box);
    node_append(&run->node, &pool->running_runs);
    if (run_tell_paired(run))
        pool_begin(pool, run);
}

/* Before this call, a run may still end by its queue timeout, a cancel or the loss of its box. */
void pool_begin(struct pool *pool, struct run *run)
{
    timer_stop(pool->timers, &run->queue_timer);
    run->has_begun = true;
    run_ask_to_keep(run);
    box_run(run->box, run->id, &run->frame, run->quota, run_deadline_ms(run));
}

static void pair_waiting(struct pool *pool)
{
    struct match match;
    for (size_t i = 0; i < pool->shelves.count; i++) {
        while (matching_find(&pool->queue, &pool->stock, pool->shelves.all[i], &match))
            lease(pool, &match);
    }
    matching_cover(&pool->queue, &pool->shelves);
}

/* ---- events of the stock ---- */

static void on_delivered(void *arg, struct run *run)
{
    struct pool *pool = arg;
    queue_forget(&pool->queue, run);
}

static void on_framed(void *arg, struct run *run, const struct frame *frame)
{
    if (frame->type == WIRE_END || frame->type == WIRE_REFUSED)
        bury(arg, run);
    run_relay(run, frame);
}

static void on_lost(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave)
{
    bury(arg, run);
    run_lose(run, box, leave);
}

static void on_failing(void *arg, struct shelf *shelf, const struct error *why)
{
    refuse_shelf(arg, shelf, why);
}

static void on_asked(void *arg, const struct shelf *shelf, struct stock_demand *found)
{
    matching_demand(&((const struct pool *)arg)->queue, shelf, found);
}

static const struct stock_events stock_events = {
    .on_delivered = on_delivered,
    .on_framed = on_framed,
    .on_lost = on_lost,
    .on_failing = on_failing,
    .on_asked = on_asked,
};

/* ---- the engine is up or down ---- */

void pool_engine_up(struct pool *pool)
{
    stock_engine_up(&pool->stock);
}

void pool_engine_down(struct pool *pool, const struct error *why)
{
    admission_await_test(&pool->admission);
    refuse_all(pool, why);
    stock_dismiss(&pool->stock, 0, RETIRED_ENGINE);
}

void pool_trust(struct pool *pool)
{
    admission_trust(&pool->admission);
}

void pool_distrust(struct pool *pool, const struct error *why)
{
    admission_distrust(&pool->admission, why);
    refuse_all(pool, why);
    stock_dismiss(&pool->stock, 0, RETIRED_ENGINE);
}

/* ---- life ---- */

struct pool *pool_new(struct timers *timers, struct docker *docker, struct engine *engine,
                      const struct config *config, const char *instance, struct error *err)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return error_no_memory(err);
    pool->timers = timers;
    pool->config = config;
    queue_init(&pool->queue, &pool->shelves);
    pool->stock = (struct stock){.timers = timers,
                                 .docker = docker,
                                 .engine = engine,
                                 .config = config,
                                 .instance = instance,
                                 .shelves = &pool->shelves,
                                 .events = &stock_events,
                                 .arg = pool};
    pool->admission = (struct admission){.config = config,
                                         .engine = engine,
                                         .shelves = &pool->shelves,
                                         .queue = &pool->queue,
                                         .stock = &pool->stock,
                                         .events = &admission_events,
                                         .arg = pool};
    admission_await_test(&pool->admission);
    if (stock_init(&pool->stock) && shelves_configure(&pool->shelves, config))
        return pool;
    pool_free(pool);
    return error_no_memory(err);
}

static void free_runs(struct pool *pool, struct list *list)
{
    for (struct run *run; (run = list_take(list)) != NULL;) {
        timer_stop(pool->timers, &run->queue_timer);
        run_free(run);
    }
}

void pool_turn(struct pool *pool)
{
    pair_waiting(pool);
    stock_turn(&pool->stock);
    pair_waiting(pool); /* what was evicted may have been what others had to leave */
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
    stock_release(&pool->stock);
    shelves_release(&pool->shelves);
    queue_release(&pool->queue);
    free(pool);
}

void pool_drain(struct pool *pool)
{
    pool->admission.draining = true;
    stock_drain(&pool->stock);
}

void pool_stop(struct pool *pool)
{
    struct error why;
    struct run *run;
    error_set(&why, ERR_DRAINING, "the gateway is stopping");
    pool_drain(pool);
    refuse_all(pool, &why);
    while ((run = list_first(&pool->running_runs)) != NULL) { /* all of these have begun */
        bury(pool, run);
        run_end(run, VERDICT_LOST, "the gateway was stopped");
    }
    stock_stop(&pool->stock);
}

/* ---- reports ---- */

bool pool_is_idle(const struct pool *pool)
{
    return pool->queue.count == 0 && pool->running_runs.count == 0;
}

uint32_t pool_first_uid(const struct pool *pool)
{
    return pool->stock.slots.first_uid;
}

size_t pool_box_count(const struct pool *pool)
{
    return pool->stock.slots.taken_count;
}

/* The configured shelves come first, and are never freed. */
size_t pool_ready_count(const struct pool *pool, size_t runtime_index)
{
    return pool->shelves.all[runtime_index]->ready.count;
}

bool pool_write_spec(const struct pool *pool, struct buf *out)
{
    return stock_write_spec(&pool->stock, pool->shelves.all[0], out);
}

bool pool_knows(const struct pool *pool, const char *container_name)
{
    return stock_knows(&pool->stock, container_name);
}

void pool_judge(const struct pool *pool, struct status *status)
{
    const char *trouble = admission_trouble(&pool->admission);
    status->ready = trouble[0] == '\0';
    snprintf(status->reason, sizeof status->reason, "%s", trouble);
    status->retry_ms = status->ready ? 0 : RETRY_ENGINE_MS;
}

struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg)
{
    return run->box ? docker_measure(pool->stock.docker, run->box->id, done, arg) : NULL;
}

void pool_report(const struct pool *pool, struct samples *samples)
{
    tally_report(&pool->tally, pool->config, samples);
    queue_report(&pool->queue, pool->config, samples);
    samples_put(samples, METRIC_RUNS_RUNNING, LABELS(NULL), pool->running_runs.count);
    stock_report(&pool->stock, samples);
}
