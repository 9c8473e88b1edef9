/* One subject of more than 400 lines: it passes each event of a front, the stock and the engine to
 * queue, roster, lessor and admission, which do not know of each other's events. */
#include "broker/pool/pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/pool/admission.h"
#include "broker/pool/lessor.h"
#include "broker/pool/matching.h"
#include "common/clock.h"
#include "common/log.h"

struct pool {
    struct timers *timers;
    const struct config *config;
    struct shelves shelves;
    struct queue queue;
    struct stock stock;
    struct admission admission;
    struct roster roster;
    struct lessor lessor;
    struct tally tally;
};

/* ---- coming in ---- */

static void on_run_ousted(void *arg, struct run *run, const struct error *why)
{
    struct pool *pool = arg;
    roster_refuse(&pool->roster, run, why, roster_retry_ms(&pool->roster));
}

static void on_shelf_ousted(void *arg, struct shelf *shelf, const struct error *why)
{
    struct pool *pool = arg;
    roster_refuse_shelf(&pool->roster, shelf, why);
    stock_retire_shelf(&pool->stock, shelf);
    shelves_tidy(&pool->shelves);
}

static const struct admission_events admission_events = {.on_run_ousted = on_run_ousted,
                                                         .on_shelf_ousted = on_shelf_ousted};

static void on_queue_late(void *arg)
{
    struct run *run = arg;
    roster_refuse_late(&run->pool->roster, run);
}

/* The place where a run waits: for a box of a shelf, for its turn in a session, or for the first
 * box of the session that it opens. */
struct place {
    struct shelf *shelf;
    struct lease *lease;
};

/* Find the place where a job waits. Fails if there is none; *place is then untouched. */
static bool find_place(struct pool *pool, const struct job *job, size_t bytes, bool is_canary,
                       struct place *place, struct error *err)
{
    struct place found = {NULL, NULL};
    bool opens = job->session_name[0] != '\0';
    if (job->session_ms && !opens) {
        found.lease = lessor_find(&pool->lessor, job, err);
        if (!found.lease || !admission_of_lease(&pool->admission, job, bytes, err))
            return false;
        *place = found;
        return true;
    }
    if (opens && !leases_would_open(&pool->lessor.leases, job, err))
        return false;
    found.shelf = admission_find_shelf(&pool->admission, job, bytes, is_canary, err);
    if (!found.shelf)
        return false;
    if (opens && !(found.lease = leases_open(&pool->lessor.leases, job))) {
        error_no_memory(err);
        return false;
    }
    *place = found;
    return true;
}

static size_t runtime_of(const struct pool *pool, const struct place *place)
{
    if (place->shelf)
        return place->shelf->runtime_index;
    return (size_t)config_runtime_index(pool->config, bytes_of_string(place->lease->runtime));
}

/* Let a run wait in its place. Takes the frame on success. Otherwise frees the run; the caller
 * drops the session that it was to open. */
static struct run *enter(struct pool *pool, struct run *run, const struct place *place,
                         struct buf *frame)
{
    run->pool = pool;
    run->shelf = place->shelf;
    run->lease = place->lease;
    run->frame = buf_take(frame);
    run->queue_timer.on_due = on_queue_late;
    timer_start(pool->timers, &run->queue_timer, run->queue_timeout_ms);
    if (place->shelf ? queue_enter(&pool->queue, run)
                     : lessor_enter(&pool->lessor, place->lease, run))
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
    struct place place;
    struct bytes bytes = buf_bytes(whole);
    if (wire_parse(bytes.data, bytes.len, WIRE_PAYLOAD_MAX_BYTES, &frame, &used) != WIRE_FRAME) {
        error_set(err, ERR_PROTOCOL, "this is not a frame");
        return NULL;
    }
    if (!job_decode(frame.payload, &job, err) ||
        !find_place(pool, &job, bytes.len, is_canary, &place, err))
        return NULL;
    struct run *run = run_new(frame.run_id, runtime_of(pool, &place), &job);
    if (run) {
        run->audience = audience;
        run->arg = arg;
        run->is_canary = is_canary;
        run->box_runs = is_canary ? 1 : run->box_runs;
        run->tally = is_canary ? NULL : &pool->tally;
        run = enter(pool, run, &place, whole);
    }
    if (!run && place.shelf && place.lease)
        leases_drop(&pool->lessor.leases, place.lease);
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
    *again_ms = err->kind == ERR_BUSY ? roster_retry_ms(&pool->roster) : ROSTER_RETRY_MS;
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
    if (lessor_cancel(&pool->lessor, run))
        return;
    roster_bury(&pool->roster, run);
    tally_canceled(run->tally);
    log_event(LOG_INFO, "run_canceled", LOG_RUN(run->id), LOG_END);
    if (box)
        stock_retire(&pool->stock, box, RETIRED_CANCELED);
}

void pool_interrupt(struct pool *pool, struct run *run)
{
    lessor_interrupt(&pool->lessor, run);
}

bool pool_obey(struct pool *pool, uint64_t session_id, const struct session_order *order)
{
    return lessor_obey(&pool->lessor, session_id, order);
}

const struct leases *pool_leases(const struct pool *pool)
{
    return &pool->lessor.leases;
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
    roster_pair(&pool->roster, run, box);
}

void pool_begin(struct pool *pool, struct run *run)
{
    roster_begin(&pool->roster, run);
}

static void pair_waiting(struct pool *pool)
{
    struct match match;
    for (size_t i = 0; i < pool->shelves.count; i++) {
        while (matching_find(&pool->queue, &pool->stock, pool->shelves.all[i], &match))
            lease(pool, &match);
    }
    matching_cover(&pool->queue, &pool->shelves);
    lessor_turn(&pool->lessor);
}

/* ---- events of the stock ---- */

static void on_delivered(void *arg, struct run *run)
{
    struct pool *pool = arg;
    queue_forget(&pool->queue, run);
}

static void on_framed(void *arg, struct run *run, const struct frame *frame)
{
    struct pool *pool = arg;
    struct box *spent = NULL;
    bool is_last = frame->type == WIRE_END || frame->type == WIRE_REFUSED;
    if (is_last && run->lease)
        spent = lessor_note_last(&pool->lessor, run, frame);
    else if (is_last)
        roster_bury(&pool->roster, run);
    run_relay(run, frame);
    if (spent)
        stock_retire(&pool->stock, spent, RETIRED_FINISHED);
}

static void on_lease_lost(void *arg, const struct box *box, const struct box_leave *leave)
{
    lessor_note_lost(&((struct pool *)arg)->lessor, box, leave);
}

static void on_lost(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave)
{
    roster_bury(&((struct pool *)arg)->roster, run);
    run_lose(run, box, leave);
}

static void on_failing(void *arg, struct shelf *shelf, const struct error *why)
{
    roster_refuse_shelf(&((struct pool *)arg)->roster, shelf, why);
}

static void on_asked(void *arg, const struct shelf *shelf, struct stock_demand *found)
{
    matching_demand(&((const struct pool *)arg)->queue, shelf, found);
}

static const struct stock_events stock_events = {
    .on_delivered = on_delivered,
    .on_framed = on_framed,
    .on_lost = on_lost,
    .on_lease_lost = on_lease_lost,
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
    roster_refuse_all(&pool->roster, why);
    stock_dismiss(&pool->stock, 0, RETIRED_ENGINE);
}

void pool_trust(struct pool *pool)
{
    admission_trust(&pool->admission);
}

void pool_distrust(struct pool *pool, const struct error *why)
{
    admission_distrust(&pool->admission, why);
    roster_refuse_all(&pool->roster, why);
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
    pool->roster = (struct roster){.timers = timers,
                                   .shelves = &pool->shelves,
                                   .queue = &pool->queue,
                                   .stock = &pool->stock,
                                   .leases = &pool->lessor.leases};
    pool->lessor = (struct lessor){.leases = {.timers = timers, .config = config},
                                   .roster = &pool->roster,
                                   .queue = &pool->queue,
                                   .stock = &pool->stock,
                                   .engine = engine};
    lessor_init(&pool->lessor);
    admission_await_test(&pool->admission);
    if (stock_init(&pool->stock) && shelves_configure(&pool->shelves, config))
        return pool;
    pool_free(pool);
    return error_no_memory(err);
}

void pool_turn(struct pool *pool)
{
    pair_waiting(pool);
    stock_turn(&pool->stock);
    pair_waiting(pool); /* a run may now be allowed to use a kept box (plan_may_reuse) */
    roster_free_dead(&pool->roster);
    shelves_tidy(&pool->shelves);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    lessor_release(&pool->lessor);
    roster_release(&pool->roster);
    stock_release(&pool->stock);
    shelves_release(&pool->shelves);
    queue_release(&pool->queue);
    free(pool);
}

void pool_drain(struct pool *pool)
{
    pool->admission.draining = true;
    stock_drain(&pool->stock);
    lessor_drain(&pool->lessor);
}

void pool_stop(struct pool *pool)
{
    struct error why;
    struct run *run;
    error_set(&why, ERR_DRAINING, "the gateway is stopping");
    pool_drain(pool);
    roster_refuse_all(&pool->roster, &why);
    lessor_stop(&pool->lessor);
    while ((run = list_first(&pool->roster.running)) != NULL) { /* all these runs have begun */
        roster_bury(&pool->roster, run);
        run_end(run, VERDICT_LOST, "the gateway was stopped");
    }
    stock_stop(&pool->stock);
}

/* ---- reports ---- */

bool pool_is_idle(const struct pool *pool)
{
    return pool->queue.count == 0 && pool->roster.running.count == 0;
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
    status->retry_ms = status->ready ? 0 : ROSTER_RETRY_MS;
}

struct docker_call *pool_measure(struct pool *pool, const struct run *run, docker_measured *done,
                                 void *arg)
{
    return run->box ? docker_measure(pool->stock.docker, run->box->id, done, arg) : NULL;
}

void pool_report(const struct pool *pool, struct samples *samples)
{
    tally_report(&pool->tally, pool->config, samples);
    leases_report(&pool->lessor.leases, samples);
    queue_report(&pool->queue, pool->config, samples);
    samples_put(samples, METRIC_RUNS_RUNNING, LABELS(NULL), pool->roster.running.count);
    stock_report(&pool->stock, samples);
}
