#include "broker/pool/stock.h"

#include "broker/pool/remedy.h"
#include "broker/engine/vendor.h"
#include "common/clock.h"
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Starts that fail one after the other wait longer and longer. */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 1000
/* A READY box that ends by itself this early counts as a failed start. */
#define EARLY_DEATH_MS 1000
/* init outlives the broker's own age limit by this, so that it is the broker that retires boxes. */
#define IDLE_GRACE_MS 60000
/* As the start call's own deadline (docker.h): what the interpreter's warm-up needs is less. */
#define START_PATIENCE_FACTOR 3
/* A start keeps a core of the engine's busy for a tenth of a second. Begun in the very moment
 * of a lease it would take that core from the run that was just leased; most runs are over by
 * then. */
#define REFILL_PAUSE_MS 10
#define CREATE_JSON_MAX_BYTES ((size_t)1 << 20)

/* ---- slots ---- */

static uint32_t take_slot(struct pool *pool)
{
    uint32_t slot = 0;
    while (pool->slot_is_taken[slot])
        slot++;
    pool->slot_is_taken[slot] = true;
    pool->boxes_count++;
    return slot;
}

static void give_slot_back(struct pool *pool, uint32_t slot)
{
    pool->slot_is_taken[slot] = false;
    pool->boxes_count--;
}

/* ---- back-off ---- */

static void on_pause_over(void *arg)
{
    (void)arg; /* the turn that follows starts again */
}

static void count_failure(struct pool *pool, struct shelf *shelf, const struct error *why)
{
    const char *remedy = remedy_for(why->text);
    pool->failed_starts_count++;
    pool->failures++;
    error_set(&pool->trouble, why->kind, "boxes cannot be started: %s%s%s", why->text,
              remedy ? "; what helps: " : "", remedy ? remedy : "");
    uint32_t wait_ms = BACKOFF_FIRST_MS;
    for (uint32_t i = 1; i < pool->failures && wait_ms < BACKOFF_MOST_MS; i++)
        wait_ms *= 2;
    pool->backoff.fire = on_pause_over;
    timer_start(pool->loop, &pool->backoff, wait_ms < BACKOFF_MOST_MS ? wait_ms : BACKOFF_MOST_MS);
    engine_suspect(pool->engine);
    if (shelf && pool->failures >= FAILURES_TROUBLE)
        pool_refuse_shelf(pool, shelf, &pool->trouble);
}

/* ---- what boxes tell ---- */

/* A box that is on its way out is counted out of what it was. */
static void move_to_removing(struct pool *pool, struct box *box)
{
    if (box->shelf && box->link.list == &box->shelf->coming)
        pool->starting_count--;
    node_append(&box->link, &pool->removing);
    box->shelf = NULL; /* it may go before the box */
}

static void on_ready(void *arg, struct box *box)
{
    struct pool *pool = arg;
    log_event(LOG_DEBUG, "box_ready", LOG_STR("box", box->name),
              LOG_U64("start_ms", box->ready_ms - box->born_ms), LOG_END);
    histogram_add(&pool->starts, &histogram_seconds, (box->ready_ms - box->born_ms) * NS_PER_MS);
    pool->starting_count--;
    pool->failures = 0;
    node_append(&box->link, &box->shelf->ready);
}

static void on_delivered(void *arg, struct box *box)
{
    if (box->run)
        queue_forget(arg, box->run);
}

static void on_framed(void *arg, struct box *box, const struct frame *frame)
{
    struct pool *pool = arg;
    struct run *run = box->run;
    if (frame->type == WIRE_END || frame->type == WIRE_REFUSED) {
        pool_bury_run(pool, run);
        node_append(&box->link, &pool->removing);
    }
    run_relay(run, frame);
}

/* A box left under its run. What the program did is unknown, unless it had not begun. */
static void lose(struct pool *pool, struct run *run, struct box *box, const struct box_leave *leave)
{
    bool may_have_started = box_may_have_started(box);
    uint64_t ran_ms = (clock_now_ns() - run->paired_ns) / NS_PER_MS;
    log_event(LOG_WARNING, "run_lost", LOG_RUN(run->id), LOG_STR("box", box->name),
              LOG_STR("error", leave->why.text), LOG_END);
    pool_bury_run(pool, run);
    if (!may_have_started) {
        struct error why;
        error_set(&why, ERR_ENGINE, "the box was lost before the program started");
        run_refuse(run, &why, RETRY_ENGINE_MS);
    } else if (leave->oom_killed) {
        run_end(run, VERDICT_OOM,
                "The box ran out of memory, and its supervisor was ended: output files, CPU time "
                "and peak memory are unknown");
    } else if (leave->why.kind == ERR_BUSY) {
        run_end(run, VERDICT_LOST, "the program's output was not taken in time");
    } else if (run->started_ns && ran_ms >= run->timeout_ms) {
        run_end(run, VERDICT_TIMEOUT, "");
    } else {
        run_end(run, VERDICT_LOST, "the box was lost while the program ran");
    }
}

static void on_left(void *arg, struct box *box, const struct box_leave *leave)
{
    struct pool *pool = arg;
    struct shelf *shelf = box->shelf;
    struct run *run = box->run;
    bool was_wanted = leave->why.kind != ERR_NONE;
    if (leave->from != BOX_RUNNING)
        move_to_removing(pool, box);
    else
        node_append(&box->link, &pool->removing);
    if (was_wanted)
        log_event(LOG_WARNING, "box_left", LOG_STR("box", box->name),
                  LOG_STR("state", box_state_name(leave->from)), LOG_STR("error", leave->why.text),
                  LOG_STR("hint", remedy_for(leave->why.text)), LOG_END);
    bool died_early =
        leave->from == BOX_READY && was_wanted && clock_now_ms() - box->ready_ms < EARLY_DEATH_MS;
    if (leave->from < BOX_READY || died_early)
        count_failure(pool, shelf, &leave->why);
    else if (was_wanted)
        engine_suspect(pool->engine);
    if (run)
        lose(pool, run, box, leave);
}

static void on_gone(void *arg, struct box *box)
{
    struct pool *pool = arg;
    give_slot_back(pool, box->slot);
    node_append(&box->link, &pool->dead);
}

static const struct box_events box_events = {
    .ready = on_ready,
    .delivered = on_delivered,
    .framed = on_framed,
    .left = on_left,
    .gone = on_gone,
};

/* ---- doing what the plan says ---- */

static bool write_spec(struct pool *pool, const struct shelf *shelf, uint32_t slot,
                       const char *name, struct buf *json)
{
    const struct config *config = pool->config;
    uint32_t idle_ms = config->box_age_ms + IDLE_GRACE_MS;
    struct spec spec = {
        .name = name,
        .engine = engine_info(pool->engine),
        .image = engine_image(pool->engine, shelf->runtime_index),
        .limits = shelf->limits,
        .uid = pool->first_uid + slot,
        .tmpfs_bytes = config->tmpfs_bytes,
        .idle_ms = idle_ms,
        .instance = pool->instance,
        .deadline_ms = clock_wall_ms() + idle_ms + config->max_timeout_ms + IDLE_GRACE_MS,
        .seccomp = engine_seccomp(pool->engine),
        .seccomp_path = engine_seccomp_path(pool->engine),
        .oci_runtime = config->oci_runtime,
    };
    return vendor_of(spec.engine)->write_spec(&spec, json);
}

bool pool_write_spec(struct pool *pool, struct buf *out)
{
    return write_spec(pool, pool->shelves.all[0], 0, "mayfly", out);
}

static void start_box(struct pool *pool, struct shelf *shelf)
{
    char name[DOCKER_NAME_MAX + 1];
    struct buf json;
    struct box *box = calloc(1, sizeof(*box));
    if (!box)
        return;
    buf_init(&json, CREATE_JSON_MAX_BYTES);
    box->slot = take_slot(pool);
    box->shelf = shelf;
    node_init(&box->link, box);
    node_append(&box->link, &shelf->coming);
    pool->starting_count++;
    snprintf(name, sizeof(name), "mayfly-%s-%llu", pool->instance,
             (unsigned long long)++pool->serial);
    /* A spec that memory did not allow is no JSON, and the engine's refusal is a failed start
     * like any other. */
    write_spec(pool, shelf, box->slot, name, &json);
    uint32_t call_ms = pool->config->engine_timeout_ms;
    struct box_patience patience = {.call_ms = call_ms,
                                    .start_ms = call_ms * START_PATIENCE_FACTOR,
                                    .age_ms = pool->config->box_age_ms};
    box_create(box, pool->loop, pool->docker, name, buf_bytes(&json), &patience, &box_events, pool);
    buf_release(&json);
}

void stock_retire(struct pool *pool, struct box *box)
{
    if (box->state >= BOX_REMOVING)
        return;
    move_to_removing(pool, box);
    box_retire(box);
}

static void measure_rate(struct pool *pool, const struct run *run)
{
    uint64_t interval_ns = run->paired_ns - pool->last_pair_ns;
    if (pool->last_pair_ns)
        pool->interval_ns =
            pool->interval_ns ? (pool->interval_ns * 7 + interval_ns) / 8 : interval_ns;
    pool->last_pair_ns = run->paired_ns;
}

static void lease(struct pool *pool, struct run *run, struct box *box)
{
    queue_leave(pool, run, false);
    turns_serve(&pool->turns, run->turn);
    run->paired_ns = clock_now_ns();
    run->was_ready = box->ready_ms <= run->submitted_ns / NS_PER_MS;
    tally_paired(run->tally, run->runtime_index, run->was_ready,
                 run->paired_ns - run->submitted_ns);
    if (!run->is_canary)
        measure_rate(pool, run);
    pool_pair(run, box);
    node_append(&run->link, &pool->running_runs);
    node_append(&box->link, &pool->running);
    box->shelf = NULL; /* it may go before the box */
    if (!timer_runs(&pool->refill)) {
        pool->refill.fire = on_pause_over;
        timer_start(pool->loop, &pool->refill, REFILL_PAUSE_MS);
    }
    if (run_tell_paired(run))
        pool_begin(pool, run);
}

/* Until here it waits on, with its box: for its queue timeout, a cancel or the loss of either. */
void pool_begin(struct pool *pool, struct run *run)
{
    timer_stop(pool->loop, &run->queue_timer);
    run->has_begun = true;
    box_run(run->box, run->id, &run->frame, run->quota, run_deadline_ms(run));
}

static void pair_waiting(struct pool *pool)
{
    for (size_t i = 0; i < pool->shelves.count; i++) {
        struct shelf *shelf = pool->shelves.all[i];
        struct run *run;
        while (shelf->ready.count && (run = queue_next(pool, shelf, NULL)) != NULL)
            lease(pool, run, list_first(&shelf->ready));
    }
}

static uint64_t first_uncovered(const struct pool *pool, const struct shelf *shelf)
{
    const struct run *run = queue_next(pool, shelf, NULL);
    for (size_t i = 0; run && i < shelf->coming.count; i++)
        run = queue_next(pool, shelf, run);
    return run ? run->turn : UINT64_MAX;
}

static void describe(const struct pool *pool, const struct shelf *shelf, struct plan_shelf *plan)
{
    *plan = (struct plan_shelf){.waiting = queue_count(pool, shelf),
                                .ready = (uint32_t)shelf->ready.count,
                                .coming = (uint32_t)shelf->coming.count,
                                .warm = pool->draining ? 0 : shelf->warm,
                                .first_turn = first_uncovered(pool, shelf)};
}

static bool follow_plan(struct pool *pool)
{
    struct plan_shelf shelves[SHELVES_MAX];
    for (size_t i = 0; i < pool->shelves.count; i++)
        describe(pool, pool->shelves.all[i], &shelves[i]);
    struct plan_pool plan = {.boxes = pool->boxes_count,
                             .max_boxes = pool->config->max_boxes,
                             .removing = (uint32_t)pool->removing.count,
                             .starting = pool->starting_count,
                             .max_starting = pool->config->parallel_starts,
                             .may_start = !pool->stopped && engine_is_up(pool->engine) &&
                                          !timer_runs(&pool->backoff),
                             .refill = !pool->draining && !timer_runs(&pool->refill)};
    size_t index;
    switch (plan_next(&plan, shelves, pool->shelves.count, &index)) {
    case PLAN_START:
        start_box(pool, pool->shelves.all[index]);
        return true;
    case PLAN_EVICT:
        stock_retire(pool, list_first(&pool->shelves.all[index]->ready));
        return true;
    case PLAN_NOTHING:
        break;
    }
    return false;
}

void stock_turn(struct pool *pool)
{
    pair_waiting(pool);
    size_t budget = pool->config->max_boxes + (size_t)1;
    while (budget-- && follow_plan(pool))
        ;
    stock_free_boxes(&pool->dead);
}

void stock_engine_up(struct pool *pool)
{
    timer_stop(pool->loop, &pool->backoff);
    pool->failures = 0;
    for (struct box *box = list_first(&pool->removing); box; box = node_next(&box->link))
        box_retry_removal(box, false);
}
