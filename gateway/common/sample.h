/* sample.h - the values of metrics, encoded. The broker sends its samples in STATUS frames. The
 * front encodes its own samples in the same way.
 *
 * The encoding is a list of fields (wire.h). All samples of one metric are in one row:
 *
 *   [ METRIC name ] ( [ LABEL value ]... [ NUMBER u64 | HISTOGRAM its bytes ] )...
 *
 * A metric is identified by its name, so that front and broker may be of different builds. A reader
 * skips metrics that it does not know, or that have other labels or ranges than its own.
 *
 * Pure. metrics_text.h formats the samples for people.
 */
#ifndef MAYFLY_SAMPLE_H
#define MAYFLY_SAMPLE_H

#include "common/metric.h"

/* The largest size of all samples of a broker together. */
#define SAMPLES_MAX_BYTES ((size_t)128 << 10)

/* ---- writing: if out's cap is exceeded, ok becomes false and stays so; check it at the end
 * ---- */

struct samples {
    struct buf *out;
    const struct metric *last;
    bool ok;
};

/* The values of a sample's labels, in the order of metric.c; LABELS(NULL) for a metric without
 * labels. */
#define LABELS(...) ((const char *const[METRIC_LABELS_MAX]){__VA_ARGS__})

/* Keeps out until the last put. */
void samples_begin(struct samples *samples, struct buf *out);
/* Append a sample. Pass as many label values as the metric has labels. Borrows them for the
 * call. */
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

/* Iterates over the samples of one metric. */
struct samples_reader {
    struct bytes rest;
    enum metric_id id;
    bool within; /* the reader is inside the row of that metric */
};

struct samples_reader samples_read(struct bytes all, enum metric_id id);
/* Read the metric's next sample. Returns false at the end, or when the bytes are malformed. */
bool samples_next(struct samples_reader *reader, struct sample *sample);

#endif
