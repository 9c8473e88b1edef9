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

struct plan_pool {
    uint32_t boxes; /* in any state but GONE: each holds a slot */
    uint32_t max_boxes;
    uint32_t removing; /* of these; each will free its slot soon */
    uint32_t starting; /* boxes on their way to READY, all shelves */
    uint32_t max_starting;
    bool may_start; /* the engine is up and not in back-off */
    bool refill;    /* keep shelves warm; false while draining and just after a lease */
};

enum plan_action {
    PLAN_NOTHING,
    PLAN_START, /* start a box for shelves[*index] */
    PLAN_EVICT, /* retire a READY box of shelves[*index] */
};

/* Boxes are started for the waiting run with the smallest rank first, whatever its shelf. Refills
 * come after all waiting runs, for the shelf that lacks the most boxes first. A READY box is
 * evicted when its shelf has more than it should keep, or when every slot is taken and a run waits
 * on another shelf. */
enum plan_action plan_next(const struct plan_pool *pool, const struct plan_shelf *shelves,
                           size_t count, size_t *index);

#endif
