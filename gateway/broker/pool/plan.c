#include "broker/pool/plan.h"

static bool is_uncovered(const struct plan_shelf *shelf)
{
    return shelf->waiting > shelf->coming;
}

/* Returns the index of the shelf with the first run for which no box is coming. Returns `count` if
 * there is none. */
static size_t find_demand(const struct plan_shelf *shelves, size_t count)
{
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (is_uncovered(&shelves[i]) &&
            (found == count || shelves[i].first_rank < shelves[found].first_rank))
            found = i;
    }
    return found;
}

/* Returns the number of READY boxes that will be left once every waiting run has its box. */
static uint32_t spare_of(const struct plan_shelf *shelf)
{
    uint32_t have = shelf->ready + shelf->coming;
    return have > shelf->waiting ? have - shelf->waiting : 0;
}

/* A run has no network to wait for, so it keeps about one core busy. So does a start. */
static bool has_idle_core(const struct plan_pool *pool)
{
    return pool->running + pool->starting < pool->max_starting;
}

static bool may_refill(const struct plan_pool *pool, const struct plan_shelf *shelf)
{
    if (pool->refill == PLAN_REFILL_NOT || has_idle_core(pool))
        return pool->refill != PLAN_REFILL_NOT;
    bool is_low = spare_of(shelf) < pool->max_starting;
    return pool->starting == 0 &&
           (pool->refill == PLAN_REFILL_ANY || (pool->refill == PLAN_REFILL_LOW && is_low));
}

/* Returns the index of the shelf that lacks the most warm boxes, of those that may be filled now.
 * Returns `count` if there is none. */
static size_t find_refill(const struct plan_pool *pool, const struct plan_shelf *shelves,
                          size_t count)
{
    size_t found = count;
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t spare = spare_of(&shelves[i]);
        uint32_t missing = shelves[i].warm > spare ? shelves[i].warm - spare : 0;
        if (missing > most && may_refill(pool, &shelves[i])) {
            most = missing;
            found = i;
        }
    }
    return found;
}

/* Returns the index of a shelf with more READY boxes than it should keep, or `count`. */
static size_t find_surplus(const struct plan_shelf *shelves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (shelves[i].ready > shelves[i].warm)
            return i;
    }
    return count;
}

/* Returns the index of the shelf with the most READY boxes, or `count` if none has any. */
static size_t find_victim(const struct plan_shelf *shelves, size_t count)
{
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (shelves[i].ready > 0 && (found == count || shelves[i].ready > shelves[found].ready))
            found = i;
    }
    return found;
}

/* Free a slot, because all are taken. If boxes are being removed already, wait for their slots. A
 * READY box is evicted only for a waiting run, not for a warm box. */
static enum plan_action make_room(const struct plan_pool *pool, const struct plan_shelf *shelves,
                                  size_t count, bool is_demand, size_t *index)
{
    if (pool->removing > 0)
        return PLAN_NOTHING;
    if (pool->kept > 0 || (is_demand && pool->resetting > 0))
        return PLAN_EVICT_KEPT;
    *index = is_demand && pool->starting < pool->max_starting ? find_victim(shelves, count) : count;
    return *index < count ? PLAN_EVICT : PLAN_NOTHING;
}

bool plan_may_reuse(const struct plan_pool *pool, uint32_t ahead)
{
    return !pool->may_start || ahead <= pool->max_boxes - pool->boxes + pool->removing;
}

enum plan_action plan_next(const struct plan_pool *pool, const struct plan_shelf *shelves,
                           size_t count, size_t *index)
{
    *index = find_surplus(shelves, count);
    if (*index < count)
        return PLAN_EVICT;
    if (!pool->may_start)
        return PLAN_NOTHING;
    *index = find_demand(shelves, count);
    bool is_demand = *index < count;
    if (!is_demand)
        *index = find_refill(pool, shelves, count);
    if (*index == count)
        return PLAN_NOTHING;
    if (pool->boxes >= pool->max_boxes)
        return make_room(pool, shelves, count, is_demand, index);
    return pool->starting < pool->max_starting ? PLAN_START : PLAN_NOTHING;
}
