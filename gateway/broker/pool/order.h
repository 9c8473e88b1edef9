/* order.h - a fair order for the waiting runs of many owners.
 *
 * Each run gets a rank when it comes. The run with the smallest rank is served first; among equal
 * ranks, the first that came. The ranks of an owner's runs are one apart, and begin after the rank
 * that is being served. So each of k owners with waiting runs is served every k-th time. The first
 * run of a newcomer comes after one run of each other owner, however many runs those have. With
 * only one owner, this is the order of arrival. (It is start-time fair queueing with equal weights
 * and runs of equal cost.)
 *
 * Pure: no run, no clock.
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
            last; /* the last rank that it took; it is above `now`, or the owner is forgotten */
    } owners[ORDER_OWNERS_MAX];
};

/* Returns the rank for a new run of this owner. When ORDER_OWNERS_MAX owners wait, every run of a
 * further owner counts as a newcomer's. */
uint64_t order_take(struct order *order, const char *owner);
/* The run with this rank is served. */
void order_serve(struct order *order, uint64_t rank);
/* A run of this owner leaves without being served, and does not count against the owner. */
void order_give_back(struct order *order, const char *owner);

#endif
