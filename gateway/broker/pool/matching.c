#include "broker/pool/matching.h"

static bool is_before(const struct run *a, const struct run *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->serial < b->serial;
}

/* Returns how many runs of this shelf with smaller ranks wait for a box to be started; at most
 * `most`. */
static uint32_t count_ahead(const struct queue *queue, const struct shelf *shelf,
                            const struct run *than, uint32_t most)
{
    uint32_t count = 0, served = (uint32_t)(shelf->ready.count + shelf->coming.count);
    const struct run *run = queue_next(queue, shelf, NULL);
    for (; run && is_before(run, than) && count < served + most;
         run = queue_next(queue, shelf, run))
        count += !run->is_covered;
    return count > served ? count - served : 0;
}

static bool may_reuse(const struct queue *queue, const struct stock *stock, const struct run *run)
{
    struct plan_pool plan = stock_plan(stock);
    uint32_t ahead = 0;
    for (size_t i = 0; i < stock->shelves->count && plan_may_reuse(&plan, ahead); i++)
        ahead += count_ahead(queue, stock->shelves->all[i], run, plan.max_boxes);
    return plan_may_reuse(&plan, ahead);
}

/* Returns true if a run with a scope should wait for a box in reset. The runs of a scope come one
 * after the other, and each would take a fresh box if it did not wait. */
static bool awaits_reset(const struct queue *queue, const struct shelf *shelf,
                         const struct run *run)
{
    size_t boxes_count = 0, ahead_count = 0;
    const struct box *box = run->scope ? list_first(&shelf->resetting) : NULL;
    for (; box; box = node_next(&box->node))
        boxes_count += tenure_allows(&box->tenure, run_tenant(run), run->box_runs);
    const struct run *other = boxes_count ? queue_next(queue, shelf, NULL) : run;
    for (; other != run; other = queue_next(queue, shelf, other))
        ahead_count += other->scope == run->scope;
    return boxes_count > ahead_count;
}

bool matching_find(const struct queue *queue, const struct stock *stock, const struct shelf *shelf,
                   struct match *match)
{
    bool has_fresh = shelf->ready.count > 0;
    if (!has_fresh && shelf->kept.count == 0)
        return false;
    struct run *run = queue_next(queue, shelf, NULL);
    for (; run; run = queue_next(queue, shelf, run)) {
        struct box *kept = keeper_find(shelf, run_tenant(run), run->box_runs);
        if (kept && !may_reuse(queue, stock, run))
            kept = NULL;
        *match = (struct match){.run = run, .kept = kept};
        if (kept || (has_fresh && !awaits_reset(queue, shelf, run)))
            return true;
    }
    return false;
}

/* ---- boxes in reset ---- */

static void forget_cover(struct shelf *shelf)
{
    struct run *run = shelf->covered_count ? list_first(&shelf->waiting) : NULL;
    for (; run; run = node_next(&run->node))
        run->is_covered = false;
    shelf->covered_count = 0;
}

/* Returns the first waiting run that may use this box after its reset, and for which no other such
 * box is reserved yet. NULL: none. */
static struct run *claimant_of(const struct queue *queue, const struct shelf *shelf,
                               const struct box *box)
{
    struct run *run = queue_next(queue, shelf, NULL);
    while (run && (run->is_covered || !tenure_allows(&box->tenure, run_tenant(run), run->box_runs)))
        run = queue_next(queue, shelf, run);
    return run;
}

static void cover(const struct queue *queue, struct shelf *shelf)
{
    forget_cover(shelf);
    struct box *box = list_first(&shelf->resetting);
    for (; box; box = node_next(&box->node)) {
        struct run *run = claimant_of(queue, shelf, box);
        box->is_claimed = run != NULL;
        if (!run)
            continue;
        run->is_covered = true;
        shelf->covered_count++;
    }
}

void matching_cover(const struct queue *queue, const struct shelves *shelves)
{
    for (size_t i = 0; i < shelves->count; i++)
        cover(queue, shelves->all[i]);
}

void matching_demand(const struct queue *queue, const struct shelf *shelf,
                     struct stock_demand *demand)
{
    size_t coming = shelf->coming.count;
    const struct run *run = queue_next(queue, shelf, NULL);
    while (run && (run->is_covered || coming > 0)) {
        coming -= !run->is_covered;
        run = queue_next(queue, shelf, run);
    }
    demand->waiting_count = queue_count(queue, shelf) - shelf->covered_count;
    demand->first_rank = run ? run->rank : UINT64_MAX;
}
