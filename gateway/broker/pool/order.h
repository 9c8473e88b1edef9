/* order.h - one order for the waiting runs of many owners.
 *
 * Each run takes a rank when it comes; the smallest is served first, and of equal ones the first
 * that came. An owner's runs have ranks one apart, from the one that is being served now. So each
 * of k owners with runs waiting is served every k-th time, and a newcomer's first run comes after
 * one run of each other owner, however many those have. With one owner it is the order of arrival.
 * (This is start-time fair queueing with equal weights and runs of equal cost.)
 *
 * Pure: no run, no clock.
 */
#ifndef MAYFLY_ORDER_H
#define MAYFLY_ORDER_H

#include "common/job.h"

#define ORDER_OWNERS_MAX 1024

/* Zero-initialised is valid: nobody waits. */
struct order {
    uint64_t now; /* the rank served last */
    size_t owners_count;
    struct order_owner {
        char name[JOB_OWNER_NAME_MAX + 1];
        uint64_t last; /* the rank that it took last; above now: others are forgotten */
    } owners[ORDER_OWNERS_MAX];
};

/* The rank of a run of this owner that comes now. Past ORDER_OWNERS_MAX owners who wait, one more
 * is served as a newcomer each time. */
uint64_t order_take(struct order *order, const char *owner);
/* The run of this rank is served. */
void order_serve(struct order *order, uint64_t rank);
/* A run of this owner goes unserved: its place is not held against the owner. */
void order_give_back(struct order *order, const char *owner);

#endif
