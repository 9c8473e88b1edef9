/* plan.h - decides which box the pool starts or removes next.
 *
 * It works on numbers alone, without boxes, clock or engine. The stock (stock.h) fills in the
 * numbers, calls plan_next, does the one action that it returns, and repeats this until it returns
 * PLAN_NOTHING.
 */
#ifndef MAYFLY_PLAN_H
#define MAYFLY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers of one shelf (stock.h). READY boxes have already been given to waiting runs where
 * possible, so a shelf with waiting runs has no READY box. */
struct plan_shelf {
    uint32_t waiting; /* runs without a box */
    uint32_t ready;   /* READY boxes */
    uint32_t coming;  /* boxes that are being started */
    uint32_t warm;    /* number of READY boxes to have when no run waits */
    /* The rank (order.h) of the first waiting run for which no box is being started. Valid only if
     * waiting > coming. */
    uint64_t first_rank;
};

/* The urgency of starting boxes for which no run waits yet. Each value permits everything that the
 * values before it permit. */
enum plan_refill {
    PLAN_REFILL_NOT,  /* none: the pool drains, or has just leased a box */
    PLAN_REFILL_IDLE, /* only while a core is idle, with neither a run nor a start */
    /* also without an idle core, one at a time, if the shelf has few boxes left */
    PLAN_REFILL_LOW,
    PLAN_REFILL_ANY, /* also without an idle core, one at a time, for any shelf */
};

struct plan_pool {
    uint32_t boxes; /* boxes in all states but GONE, each with a slot */
    uint32_t max_boxes;
    uint32_t removing; /* how many of `boxes` are being removed */
    uint32_t kept;     /* READY boxes that wait for their owners' next runs, all shelves */
    /* boxes in reset that will be kept, and are reserved for no waiting run */
    uint32_t resetting;
    uint32_t starting;     /* boxes that are being started, all shelves */
    uint32_t max_starting; /* limit of `starting`; also used as the number of cores */
    uint32_t running;      /* boxes with a run */
    bool may_start;        /* the engine is up, and there is no pause after a failed start now */
    enum plan_refill refill;
};

enum plan_action {
    PLAN_NOTHING,
    PLAN_START, /* start a box for shelves[*index] */
    PLAN_EVICT, /* retire a READY box of shelves[*index] */
    /* retire the kept box that has been idle longest; without kept boxes, a box in reset */
    PLAN_EVICT_KEPT,
};

/* Returns true if a run may use the box that is kept for its owner. ahead: number of runs with
 * smaller ranks that wait for a box to be started. Returns false if too few slots are free for
 * those runs: the kept box is then evicted, and its slot used for them. Otherwise runs of an owner
 * with kept boxes could overtake others. */
bool plan_may_reuse(const struct plan_pool *pool, uint32_t ahead);

/* Decide on the next action. Waiting runs are served by rank, whatever their shelves are. Warm
 * boxes are started only when each waiting run has a coming box, and as far as `refill` permits.
 * The shelf that lacks the most warm boxes gets the first.
 *
 * A READY box is evicted if its shelf has more READY boxes than `warm`. It is also evicted if all
 * slots are taken and a run on another shelf waits. Kept boxes are evicted before such a box. Kept
 * boxes are also evicted to free slots for warm boxes. */
enum plan_action plan_next(const struct plan_pool *pool, const struct plan_shelf *shelves,
                           size_t count, size_t *index);

#endif
