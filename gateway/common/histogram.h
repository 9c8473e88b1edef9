/* histogram.h - how often a number fell into each of a few fixed ranges, and the sum of them all.
 *
 * The ranges are a scale's: range i holds what is above bound i-1 and not above bound i; the last
 * holds what is above every bound. A histogram does not know its scale: whoever uses it says.
 *
 * Its bytes are numbers of seven bits a byte (the high bit: more follows), the counts in order,
 * then the sum: a few bytes where little has been counted, HISTOGRAM_MAX_BYTES at most.
 */
#ifndef MAYFLY_HISTOGRAM_H
#define MAYFLY_HISTOGRAM_H

#include "common/buf.h"

#define HISTOGRAM_BOUNDS_MAX 18
#define HISTOGRAM_MAX_BYTES ((HISTOGRAM_BOUNDS_MAX + 2) * (size_t)10)

struct histogram_scale {
    size_t bounds_count;                   /* at most HISTOGRAM_BOUNDS_MAX */
    uint64_t bounds[HISTOGRAM_BOUNDS_MAX]; /* rising */
};

extern const struct histogram_scale histogram_seconds; /* in nanoseconds: 100 us to 60 s */
extern const struct histogram_scale histogram_bytes;   /* none at all, then 64 to 64 Mi */

/* Zero-initialised is empty. Of counts, the first bounds_count + 1 are used. */
struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    uint64_t sum;
};

void histogram_add(struct histogram *histogram, const struct histogram_scale *scale,
                   uint64_t number);
/* Returns the count of numbers that were added. */
uint64_t histogram_count(const struct histogram *histogram);

/* Write its bytes to `out`, HISTOGRAM_MAX_BYTES long; returns how many they are. */
size_t histogram_encode(const struct histogram *histogram, const struct histogram_scale *scale,
                        uint8_t *out);
/* Read them. False, and *histogram untouched, when they are not those of one with this scale. */
bool histogram_decode(struct bytes bytes, const struct histogram_scale *scale,
                      struct histogram *histogram);

#endif
