/* One subject of more than 400 lines: starts, leases and retirements all change the same counts of
 * boxes and slots, by which the plan decides. */
#include "broker/pool/stock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/pool/recipe.h"
#include "broker/pool/remedy.h"
#include "common/clock.h"
#include "common/fault.h"
#include "common/log.h"

/* A READY box that ends by itself this early counts as a failed start. */
#define EARLY_DEATH_MS 1000
/* The next run of a scope comes at once. This time matters only if a lost front never reports the
 * scope's end. */
#define SCOPE_IDLE_MS 5000

static void count_failure(struct stock *stock, struct shelf *shelf, const struct error *why)
{
    failures_note(&stock->failures, why);
    engine_suspect(stock->engine);
    if (shelf && stock_trouble(stock))
        stock->events->on_failing(stock->arg, shelf, stock_trouble(stock));
}

const struct error *stock_trouble(const struct stock *stock)
{
    return failures_trouble(&stock->failures);
}

/* ---- events of boxes ---- */

/* Subtract a leaving box from the counts of the state that it was in. */
static void move_to_removing(struct stock *stock, struct box *box)
{
    if (box->shelf && box->node.list == &box->shelf->coming)
        stock->starting_count--;
    node_append(&box->node, &stock->removing);
    box->shelf = NULL; /* the shelf may be freed before the box */
}

static void on_ready(void *arg, struct box *box)
{
    struct stock *stock = arg;
    if (box->tenure.is_leased)
        return;
    if (box->node.list == &box->shelf->resetting) {
        keeper_note_reset(&stock->keeper, box);
        node_append(&box->node, &box->shelf->kept);
        return;
    }
    log_event(LOG_DEBUG, "box_ready", LOG_STR("box", box->name),
              LOG_U64("start_ms", box->ready_ms - box->born_ms), LOG_END);
    histogram_add(&stock->starts, &histogram_seconds, (box->ready_ms - box->born_ms) * NS_PER_MS);
    stock->starting_count--;
    refill_note_ready(&stock->refill);
    failures_forget(&stock->failures);
    node_append(&box->node, &box->shelf->ready);
}

static void on_delivered(void *arg, struct box *box)
{
    struct stock *stock = arg;
    if (box->run)
        stock->events->on_delivered(stock->arg, box->run);
}

/* The box's shelf may have been freed during the run. If the shelf cannot be made again, the box is
 * only removed. */
static void end_run(struct stock *stock, struct box *box, const struct frame *frame)
{
    enum retirement why = keeper_judge(box, frame);
    struct shelf *shelf = NULL;
    if (why == RETIRED_NOT && box->tenure.is_leased) {
        node_append(&box->node, &stock->leased);
        box_reset(box);
        return;
    }
    if (why == RETIRED_NOT)
        shelf = shelves_find(stock->shelves, box->runtime_index, &box->limits);
    if (shelf) {
        box->shelf = shelf;
        box->is_claimed = false;
        box->ended_ns = clock_now_ns();
        node_append(&box->node, &shelf->resetting);
        box_reset(box);
        return;
    }
    keeper_note(&stock->keeper, box, why == RETIRED_NOT ? RETIRED_EVICTED : why, NULL);
    node_append(&box->node, &stock->removing);
}

static void on_framed(void *arg, struct box *box, const struct frame *frame)
{
    struct stock *stock = arg;
    struct run *run = box->run;
    if (frame->type == WIRE_END || frame->type == WIRE_REFUSED)
        end_run(stock, box, frame);
    stock->events->on_framed(stock->arg, run, frame);
}

static void on_left(void *arg, struct box *box, const struct box_leave *leave)
{
    struct stock *stock = arg;
    struct shelf *shelf = box->shelf;
    struct run *run = box->run;
    bool was_wanted = leave->why.kind != ERR_NONE && leave->from != BOX_RESETTING;
    move_to_removing(stock, box);
    keeper_note(&stock->keeper, box, keeper_reason(box, leave), leave->why.text);
    if (was_wanted)
        log_event(LOG_WARNING, "box_left", LOG_STR("box", box->name),
                  LOG_STR("state", box_state_name(leave->from)), LOG_STR("error", leave->why.text),
                  LOG_STR("hint", remedy_for(leave->why.text)), LOG_END);
    bool died_early = leave->from == BOX_READY && was_wanted && box->tenure.runs_count == 0 &&
                      clock_now_ms() - box->ready_ms < EARLY_DEATH_MS;
    if (leave->from < BOX_READY || died_early)
        count_failure(stock, shelf, &leave->why);
    else if (was_wanted)
        engine_suspect(stock->engine);
    if (box->tenure.is_leased)
        stock->events->on_lease_lost(stock->arg, box, leave);
    if (run)
        stock->events->on_lost(stock->arg, run, box, leave);
}

static void on_gone(void *arg, struct box *box)
{
    struct stock *stock = arg;
    slots_give_back(&stock->slots, box->slot);
    node_append(&box->node, &stock->dead);
}

static const struct box_events box_events = {
    .on_ready = on_ready,
    .on_delivered = on_delivered,
    .on_framed = on_framed,
    .on_left = on_left,
    .on_gone = on_gone,
};

/* ---- making and leasing ---- */

static bool write_spec(const struct stock *stock, const struct shelf *shelf, uint32_t slot,
                       const char *name, struct buf *json)
{
    const struct recipe recipe = {.config = stock->config,
                                  .engine = stock->engine,
                                  .instance = stock->instance,
                                  .shelf = shelf,
                                  .name = name,
                                  .uid = stock->slots.first_uid + slot};
    return recipe_write(&recipe, json);
}

bool stock_write_spec(const struct stock *stock, const struct shelf *shelf, struct buf *out)
{
    return write_spec(stock, shelf, 0, "mayfly", out);
}

static void start_box(struct stock *stock, struct shelf *shelf)
{
    char name[DOCKER_NAME_MAX + 1];
    struct buf json;
    struct box *box = calloc(1, sizeof *box);
    if (!box)
        return;
    buf_init(&json, RECIPE_MAX_BYTES);
    box->slot = slots_take(&stock->slots);
    box->shelf = shelf;
    box->runtime_index = shelf->runtime_index;
    box->limits = shelf->limits;
    node_init(&box->node, box);
    node_append(&box->node, &shelf->coming);
    stock->starting_count++;
    snprintf(name, sizeof name, "mayfly-%s-%llu", stock->instance,
             (unsigned long long)++stock->serial);
    /* If memory was out, the text is no valid JSON. The engine then refuses it, which is a failed
     * start like any other. */
    write_spec(stock, shelf, box->slot, name, &json);
    struct box_patience patience = recipe_patience(stock->config);
    box_create(box, stock->timers, stock->docker, name, buf_bytes(&json), &patience, &box_events,
               stock);
    buf_release(&json);
}

/* A box that is leased to a session ends with the session, not at its greatest age. */
static void note_tenant(const struct stock *stock, struct box *box, struct tenant tenant)
{
    struct tenure *tenure = &box->tenure;
    if (tenant.is_session) {
        box->patience.age_ms = box->patience.idle_ms = UINT32_MAX;
        return;
    }
    if (tenure->end == RETIRED_NOT && clock_now_ms() >= box->born_ms + box->patience.age_ms)
        tenure->end = RETIRED_AGE;
    if (stock->draining)
        tenure->end = RETIRED_STOPPED;
    if (tenant.scope != 0 && box->patience.idle_ms > SCOPE_IDLE_MS)
        box->patience.idle_ms = SCOPE_IDLE_MS;
}

struct box *stock_lease(struct stock *stock, struct shelf *shelf, struct box *kept,
                        struct tenant tenant, uint32_t runs_most)
{
    struct box *box = kept ? kept : list_first(&shelf->ready);
    bool was_full = shelf->warm > 0 && shelf->ready.count >= shelf->warm;
    struct tenure *tenure = &box->tenure;
    if (!tenure_take(tenure, tenant, runs_most)) {
        log_event(LOG_ERROR, "box_owner_wrong", LOG_STR("box", box->name), LOG_END);
        fault_found();
        stock_retire(stock, box, RETIRED_LOST);
        return NULL;
    }
    note_tenant(stock, box, tenant);
    node_append(&box->node, &stock->running);
    box->shelf = NULL; /* the shelf may be freed before the box */
    if (!kept)
        refill_note_lease(&stock->refill, was_full);
    return box;
}

bool stock_resume(struct stock *stock, struct box *box)
{
    bool is_ready = stock_is_leased(stock, box) && box->state == BOX_READY;
    if (is_ready) {
        box->tenure.runs_count++;
        node_append(&box->node, &stock->running);
    }
    return is_ready;
}

void stock_put_back(struct stock *stock, struct box *box)
{
    if (box->state == BOX_READY)
        node_append(&box->node, &stock->leased);
}

/* ---- retiring ---- */

void stock_retire(struct stock *stock, struct box *box, enum retirement why)
{
    if (box->state >= BOX_REMOVING)
        return;
    keeper_note(&stock->keeper, box, why, NULL);
    move_to_removing(stock, box);
    box_retire(box);
}

/* A box on stock->running that has ended stays there until the engine has answered why it ended. */
static void retire_all(struct stock *stock, struct list *list, uint64_t scope, enum retirement why)
{
    struct box *next = list_first(list);
    while (next) {
        struct box *box = next;
        next = node_next(&box->node);
        if (scope == 0 || box->tenure.scope == scope)
            stock_retire(stock, box, why);
    }
}

void stock_retire_shelf(struct stock *stock, struct shelf *shelf)
{
    for (size_t i = 0; i < SHELF_LISTS; i++)
        retire_all(stock, shelf_list(shelf, i), 0, RETIRED_EVICTED);
}

void stock_dismiss(struct stock *stock, uint64_t scope, enum retirement why)
{
    for (size_t i = 0; i < stock->shelves->count; i++) {
        retire_all(stock, &stock->shelves->all[i]->resetting, scope, why);
        retire_all(stock, &stock->shelves->all[i]->kept, scope, why);
    }
    for (struct box *box = list_first(&stock->running); box; box = node_next(&box->node)) {
        if (!box->tenure.is_leased && (scope == 0 || box->tenure.scope == scope))
            box->tenure.end = why;
    }
}

/* ---- the plan ---- */

static void describe(const struct stock *stock, const struct shelf *shelf, struct plan_shelf *plan)
{
    struct stock_demand demand = {0};
    stock->events->on_asked(stock->arg, shelf, &demand);
    *plan = (struct plan_shelf){.waiting = demand.waiting_count,
                                .ready = (uint32_t)shelf->ready.count,
                                .coming = (uint32_t)shelf->coming.count,
                                .warm = stock->draining ? 0 : shelf->warm,
                                .first_rank = demand.first_rank};
}

struct plan_pool stock_plan(const struct stock *stock)
{
    struct plan_pool plan = {.boxes = stock->slots.taken_count,
                             .max_boxes = stock->config->max_boxes,
                             .removing = (uint32_t)stock->removing.count,
                             .starting = stock->starting_count,
                             .max_starting = stock->config->parallel_starts,
                             .running = (uint32_t)stock->running.count,
                             .may_start = !stock->stopped && engine_is_up(stock->engine) &&
                                          !failures_pause(&stock->failures),
                             .refill = stock->draining ? PLAN_REFILL_NOT
                                                       : refill_urgency(&stock->refill)};
    keeper_count(stock->shelves, &plan.kept, &plan.resetting);
    return plan;
}

static bool follow_plan(struct stock *stock)
{
    const struct shelves *shelves = stock->shelves;
    struct plan_shelf plans[SHELVES_MAX];
    for (size_t i = 0; i < shelves->count; i++)
        describe(stock, shelves->all[i], &plans[i]);
    struct plan_pool plan = stock_plan(stock);
    size_t index;
    switch (plan_next(&plan, plans, shelves->count, &index)) {
    case PLAN_START:
        start_box(stock, shelves->all[index]);
        return true;
    case PLAN_EVICT:
        stock_retire(stock, list_first(&shelves->all[index]->ready), RETIRED_EVICTED);
        return true;
    case PLAN_EVICT_KEPT:
        stock_retire(stock, keeper_victim(shelves), RETIRED_EVICTED);
        return true;
    case PLAN_NOTHING:
        break;
    }
    return false;
}

static void free_boxes(struct list *list)
{
    struct box *box;
    while ((box = list_take(list)) != NULL) {
        box_release(box);
        free(box);
    }
}

void stock_turn(struct stock *stock)
{
    size_t budget = stock->config->max_boxes + (size_t)1;
    while (budget-- && follow_plan(stock))
        ;
    free_boxes(&stock->dead);
}

/* ---- reports ---- */

static struct list *any_list(const struct stock *stock, size_t i)
{
    return shelf_list(stock->shelves->all[i / SHELF_LISTS], i % SHELF_LISTS);
}

static size_t count_state(const struct list *list, enum box_state state)
{
    size_t count = 0;
    for (const struct box *box = list_first(list); box; box = node_next(&box->node))
        count += box->state == state;
    return count;
}

size_t stock_count(const struct stock *stock, enum box_state state)
{
    size_t count = count_state(&stock->running, state) + count_state(&stock->removing, state) +
                   count_state(&stock->leased, state);
    for (size_t i = 0; i < stock->shelves->count * SHELF_LISTS; i++)
        count += count_state(any_list(stock, i), state);
    return count;
}

static bool list_knows(const struct list *list, const char *name)
{
    const struct box *box = list_first(list);
    while (box && strcmp(box->name, name) != 0)
        box = node_next(&box->node);
    return box != NULL;
}

bool stock_knows(const struct stock *stock, const char *name)
{
    bool known = list_knows(&stock->running, name) || list_knows(&stock->removing, name) ||
                 list_knows(&stock->leased, name);
    for (size_t i = 0; !known && i < stock->shelves->count * SHELF_LISTS; i++)
        known = list_knows(any_list(stock, i), name);
    return known;
}

void stock_report(const struct stock *stock, struct samples *samples)
{
    for (int state = BOX_CREATING; state <= BOX_REMOVING; state++)
        samples_put(samples, METRIC_BOXES, LABELS(box_state_name((enum box_state)state)),
                    stock_count(stock, (enum box_state)state));
    samples_put(samples, METRIC_BOXES_LIMIT, LABELS(NULL), stock->config->max_boxes);
    samples_put_histogram(samples, METRIC_BOX_START_DURATION, LABELS(NULL), &stock->starts);
    samples_put(samples, METRIC_BOX_STARTS_FAILED, LABELS(NULL), stock->failures.count);
    keeper_report(&stock->keeper, stock->shelves, samples);
}

/* ---- life ---- */

bool stock_init(struct stock *stock)
{
    failures_init(&stock->failures, stock->timers);
    refill_init(&stock->refill, stock->timers);
    return slots_init(&stock->slots, stock->config, stock->instance);
}

void stock_release(struct stock *stock)
{
    for (size_t i = 0; i < stock->shelves->count * SHELF_LISTS; i++)
        free_boxes(any_list(stock, i));
    free_boxes(&stock->running);
    free_boxes(&stock->leased);
    free_boxes(&stock->removing);
    free_boxes(&stock->dead);
    failures_release(&stock->failures);
    refill_release(&stock->refill);
    slots_release(&stock->slots);
}

void stock_engine_up(struct stock *stock)
{
    failures_release(&stock->failures);
    failures_forget(&stock->failures);
    for (struct box *box = list_first(&stock->removing); box; box = node_next(&box->node))
        box_retry_removal(box, false);
}

void stock_drain(struct stock *stock)
{
    stock->draining = true;
    stock_dismiss(stock, 0, RETIRED_STOPPED);
}

void stock_stop(struct stock *stock)
{
    stock->draining = stock->stopped = true;
    for (struct box *box = list_first(&stock->removing); box; box = node_next(&box->node))
        box_retry_removal(box, true);
    retire_all(stock, &stock->running, 0, RETIRED_STOPPED);
    retire_all(stock, &stock->leased, 0, RETIRED_STOPPED);
    for (size_t i = 0; i < stock->shelves->count; i++)
        stock_retire_shelf(stock, stock->shelves->all[i]);
}
