/* histogram.h - counts how often a number fell into each of a few fixed ranges, and sums them all.
 *
 * A scale has the ranges. Range i holds numbers above bound i-1 up to bound i; the last holds those
 * above every bound. A histogram does not know its scale: the caller passes it.
 *
 * Its encoding is numbers of seven bits a byte (the high bit: more follows): the counts in order,
 * then the sum. That is a few bytes where little was counted, and at most HISTOGRAM_MAX_BYTES.
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

extern const struct histogram_scale histogram_seconds;  /* in nanoseconds: 100 us to 60 s */
extern const struct histogram_scale histogram_bytes;    /* 0, then 64 to 64 Mi */
extern const struct histogram_scale histogram_percents; /* 0 to 100 */

/* A zeroed histogram is empty. The first bounds_count + 1 counts are used. */
struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    uint64_t sum;
};

void histogram_add(struct histogram *histogram, const struct histogram_scale *scale,
                   uint64_t number);

/* Encode into `out`, HISTOGRAM_MAX_BYTES long. Returns the length of the encoding. */
size_t histogram_encode(const struct histogram *histogram, const struct histogram_scale *scale,
                        uint8_t *out);
/* Decode. Returns false, with *histogram untouched, when the bytes are not a histogram of this
 * scale. */
bool histogram_decode(struct bytes bytes, const struct histogram_scale *scale,
                      struct histogram *histogram);

#endif
