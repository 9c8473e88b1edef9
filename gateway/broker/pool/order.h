/* order.h - a fair order for waiting runs that belong to different owners.
 *
 * Each run gets a rank when it arrives. The run with the smallest rank is served first; if ranks
 * are equal, the run that arrived first. An owner's first run is ranked one above the rank served
 * last, and each further run one above the owner's previous run. So with k owners waiting, each of
 * them is served every k-th time, no matter how many runs the others have. With one owner, this is
 * the order of arrival. (It is start-time fair queueing with equal weights and costs.)
 *
 * This module knows neither runs nor the clock.
 */
#ifndef MAYFLY_ORDER_H
#define MAYFLY_ORDER_H

#include "common/job.h"

#define ORDER_OWNERS_MAX 1024

/* In a zeroed order, no run waits. */
struct order {
    uint64_t now; /* the rank served last */
    size_t owners_count;
    struct order_owner {
        char name[JOB_OWNER_NAME_MAX + 1];
        uint64_t
            last; /* the rank of its newest run; an owner is dropped when `now` has reached it */
    } owners[ORDER_OWNERS_MAX];
};

/* Returns the rank for a new run of this owner. At most ORDER_OWNERS_MAX owners are remembered. All
 * runs of further owners are ranked like first runs. */
uint64_t order_take(struct order *order, const char *owner);
/* Call it when the run with this rank is served. */
void order_serve(struct order *order, uint64_t rank);
/* Call it when a run of this owner leaves unserved, so that the owner's next run gets a smaller
 * rank. */
void order_give_back(struct order *order, const char *owner);

#endif
