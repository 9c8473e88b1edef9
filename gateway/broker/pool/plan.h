/* plan.h - decides from numbers alone what the stock does next.
 *
 * Pure: no box, no clock, no engine. The stock fills in its numbers, asks, does that one thing, and
 * asks again until there is nothing to do.
 */
#ifndef MAYFLY_PLAN_H
#define MAYFLY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One shelf, after pairing: while runs wait on it, it has no READY box. */
struct plan_shelf {
    uint32_t waiting; /* runs without a box */
    uint32_t ready;   /* READY boxes */
    uint32_t coming;  /* boxes on their way to READY */
    uint32_t warm;    /* READY boxes to keep when no run waits */
    /* The rank (order.h) of the first waiting run without a coming box. Valid when waiting >
     * coming. */
    uint64_t first_rank;
};

/* How urgently boxes are started that nobody waits for. Each value also permits what those before
 * it do. */
enum plan_refill {
    PLAN_REFILL_NOT,  /* none: while draining, and just after a lease */
    PLAN_REFILL_IDLE, /* on cores that neither a run nor a start keeps busy */
    PLAN_REFILL_LOW,  /* on busy cores, one at a time, for a shelf with few boxes left */
    PLAN_REFILL_ANY,  /* on busy cores, one at a time, for any shelf */
};

struct plan_pool {
    uint32_t boxes; /* in any state but GONE: each holds a slot */
    uint32_t max_boxes;
    uint32_t removing;     /* of these; each will free its slot soon */
    uint32_t kept;         /* READY boxes that wait for their owners' next runs, all shelves */
    uint32_t resetting;    /* boxes that will soon be kept, and that no waiting run is to have */
    uint32_t starting;     /* boxes on their way to READY, all shelves */
    uint32_t max_starting; /* also taken for the number of cores */
    uint32_t running;      /* boxes with a run */
    bool may_start;        /* the engine is up and not in back-off */
    enum plan_refill refill;
};

enum plan_action {
    PLAN_NOTHING,
    PLAN_START,      /* start a box for shelves[*index] */
    PLAN_EVICT,      /* retire a READY box of shelves[*index] */
    PLAN_EVICT_KEPT, /* retire the kept box that is idle the longest; else one that is resetting */
};

/* Returns true if a run may have the box that is kept for its owner. ahead: the runs before it, in
 * rank, that wait for a box to be started. When slots are few, the box's is needed for one of them,
 * so that no owner's boxes let its runs pass those of others. */
bool plan_may_reuse(const struct plan_pool *pool, uint32_t ahead);

/* Starts serve the run of the smallest rank, whatever its shelf. Refills come after all waiting
 * runs, and take no core from a run (plan_refill); the shelf that misses most boxes comes first. A
 * READY box is evicted when its shelf has more than it is to keep, or when every slot is taken and
 * a run of another shelf waits. Before that, a box that is kept for its owner is evicted; and such
 * boxes leave slots for the warm boxes of all owners. */
enum plan_action plan_next(const struct plan_pool *pool, const struct plan_shelf *shelves,
                           size_t count, size_t *index);

#endif
