/* sample.h - numbers of metrics as bytes: the broker's in a STATUS frame, and the front's own.
 *
 * Samples are fields (wire.h). The samples of one metric follow each other:
 *
 *   [ METRIC name ] ( [ LABEL value ]... [ NUMBER u64 | HISTOGRAM its bytes ] )...
 *
 * Metrics have names, not numbers, so that a front and a broker of different builds understand each
 * other. A reader skips a metric that it does not know, or knows with other labels or ranges.
 *
 * Pure. Knows no format for people.
 */
#ifndef MAYFLY_SAMPLE_H
#define MAYFLY_SAMPLE_H

#include "common/metric.h"

/* The greatest size of all samples of a broker. */
#define SAMPLES_MAX_BYTES ((size_t)128 << 10)

/* ---- writing: after an error, ok stays false; check it at the end ---- */

struct samples {
    struct buf *out;
    const struct metric *last;
    bool ok;
};

/* A sample's label values, in the catalogue's order; LABELS(NULL) for a metric without labels. */
#define LABELS(...) ((const char *const[METRIC_LABELS_MAX]){__VA_ARGS__})

/* Keeps out until the last put. */
void samples_begin(struct samples *samples, struct buf *out);
/* Append a sample. `labels` must be as many as the metric has; borrowed for the call. */
void samples_put(struct samples *samples, enum metric_id id, const char *const labels[],
                 uint64_t number);
void samples_put_histogram(struct samples *samples, enum metric_id id, const char *const labels[],
                           const struct histogram *histogram);

/* ---- reading ---- */

struct sample {
    struct bytes labels[METRIC_LABELS_MAX]; /* borrowed from the bytes that are read */
    uint64_t number;                        /* for a counter or gauge */
    struct histogram histogram;             /* for a histogram */
};

/* The position of a reader of one metric's samples. */
struct samples_reader {
    struct bytes rest;
    enum metric_id id;
    bool within; /* inside the row of that metric */
};

struct samples_reader samples_read(struct bytes all, enum metric_id id);
/* Read the metric's next sample. Returns false at the end, or where the samples are malformed. */
bool samples_next(struct samples_reader *reader, struct sample *sample);

#endif
