/* turns.h - whose turn it is: one order for the waiting runs of many owners.
 *
 * Each run takes a number when it comes; the smallest is served first, and of equal ones the first
 * that came. An owner's runs have numbers one apart, from the one that is being served now. So each
 * of k owners with runs waiting is served every k-th time, and a newcomer's first run comes after
 * one run of each other owner, however many those have. With one owner it is the order of arrival.
 * (This is start-time fair queueing with equal weights and runs of equal cost.)
 *
 * Pure: no run, no clock.
 */
#ifndef MAYFLY_TURNS_H
#define MAYFLY_TURNS_H

#include "common/job.h"

#define TURNS_OWNERS_MAX 1024

/* Zero-initialised is valid: nobody waits. */
struct turns {
    uint64_t now; /* the number served last */
    size_t owners_count;
    struct turns_owner {
        char name[JOB_OWNER_NAME_MAX + 1];
        uint64_t last; /* the number that it took last; above now: others are forgotten */
    } owners[TURNS_OWNERS_MAX];
};

/* The number of a run of this owner that comes now. Past TURNS_OWNERS_MAX owners who wait, one more
 * is served as a newcomer each time. */
uint64_t turns_take(struct turns *turns, const char *owner);
/* The run with this number is served. */
void turns_serve(struct turns *turns, uint64_t turn);
/* A run of this owner goes unserved: its place is not held against the owner. */
void turns_give_back(struct turns *turns, const char *owner);

#endif
