/* sample.h - numbers of metrics as bytes: what the broker tells the front in a STATUS frame, and
 * what the front says of itself.
 *
 * Samples are fields (wire.h), those of one metric in a row:
 *
 *   [ METRIC name ] ( [ LABEL value ]... [ NUMBER u64 | HISTOGRAM its bytes ] )...
 *
 * Names, not numbers, so that a front and a broker of different builds understand each other: a
 * metric that a reader does not know, or knows with other labels or ranges, is passed over.
 *
 * Pure. Knows no format for people.
 */
#ifndef MAYFLY_SAMPLE_H
#define MAYFLY_SAMPLE_H

#include "common/metric.h"

/* All samples of a broker take no more than this. */
#define SAMPLES_MAX_BYTES ((size_t)128 << 10)

/* ---- writing: errors stick, so that only the end needs a look ---- */

struct samples {
    struct buf *out;
    const struct metric *last;
    bool ok;
};

/* A sample's label values, in the catalogue's order; LABELS(NULL) for a metric without. */
#define LABELS(...) ((const char *const[METRIC_LABELS_MAX]){__VA_ARGS__})

/* Lends out until the last put. */
void samples_begin(struct samples *samples, struct buf *out);
/* Append a sample. `labels` must be as many as the metric has; lent for the call. */
void samples_put(struct samples *samples, enum metric_id id, const char *const labels[],
                 uint64_t number);
void samples_put_histogram(struct samples *samples, enum metric_id id, const char *const labels[],
                           const struct histogram *histogram);

/* ---- reading ---- */

struct sample {
    struct bytes labels[METRIC_LABELS_MAX]; /* lent by what was read */
    uint64_t number;                        /* of a counter or gauge */
    struct histogram histogram;             /* of a histogram */
};

/* The position of a reader of one metric's samples. */
struct samples_reader {
    struct bytes rest;
    enum metric_id id;
    bool within; /* the row of that metric */
};

struct samples_reader samples_read(struct bytes all, enum metric_id id);
/* The metric's next sample. False at the end of all, or where they are malformed. */
bool samples_next(struct samples_reader *reader, struct sample *sample);

#endif
