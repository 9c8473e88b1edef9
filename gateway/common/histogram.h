/* histogram.h - counts how many values fell into each of a few fixed ranges, and their sum.
 *
 * A scale defines the ranges. Range i holds values above bound i-1, up to and including bound i.
 * The last range holds values above all bounds. A histogram does not store its scale: the caller
 * passes it.
 *
 * The encoding is the counts in order, then the sum. Each number is written in groups of seven
 * bits, the low ones first; the high bit says that another byte follows. At most
 * HISTOGRAM_MAX_BYTES.
 */
#ifndef MAYFLY_HISTOGRAM_H
#define MAYFLY_HISTOGRAM_H

#include "common/buf.h"

#define HISTOGRAM_BOUNDS_MAX 18
#define HISTOGRAM_MAX_BYTES ((HISTOGRAM_BOUNDS_MAX + 2) * (size_t)10)

struct histogram_scale {
    size_t bounds_count;                   /* at most HISTOGRAM_BOUNDS_MAX */
    uint64_t bounds[HISTOGRAM_BOUNDS_MAX]; /* ascending */
};

extern const struct histogram_scale histogram_seconds;  /* in nanoseconds: 100 us to 60 s */
extern const struct histogram_scale histogram_bytes;    /* 0, then 64 to 64 Mi */
extern const struct histogram_scale histogram_percents; /* 0 to 100 */

/* A zeroed histogram is empty. Only the first bounds_count + 1 counts are used. */
struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    uint64_t sum;
};

void histogram_add(struct histogram *histogram, const struct histogram_scale *scale,
                   uint64_t number);

/* Encode into `out`, which has HISTOGRAM_MAX_BYTES. Returns the length. */
size_t histogram_encode(const struct histogram *histogram, const struct histogram_scale *scale,
                        uint8_t *out);
/* Decode. Returns false, with *histogram untouched, if the bytes do not fit this scale. */
bool histogram_decode(struct bytes bytes, const struct histogram_scale *scale,
                      struct histogram *histogram);

#endif
