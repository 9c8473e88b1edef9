#include "common/sample.h"

#include <string.h>

#include "common/wire.h"

/* ---- writing ---- */

void samples_begin(struct samples *samples, struct buf *out)
{
    *samples = (struct samples){.out = out, .ok = true};
}

static void put(struct samples *samples, enum wire_tag tag, const void *value, size_t len)
{
    samples->ok = samples->ok && wire_put(samples->out, tag, value, len);
}

static void put_head(struct samples *samples, const struct metric *metric,
                     const char *const labels[])
{
    if (samples->last != metric)
        put(samples, WIRE_TAG_METRIC, metric->name, strlen(metric->name));
    samples->last = metric;
    for (size_t i = 0; i < metric_labels_count(metric); i++)
        put(samples, WIRE_TAG_LABEL, labels[i], strlen(labels[i]));
}

void samples_put(struct samples *samples, enum metric_id id, const char *const labels[],
                 uint64_t number)
{
    put_head(samples, metric_of(id), labels);
    samples->ok = samples->ok && wire_put_u64(samples->out, WIRE_TAG_NUMBER, number);
}

void samples_put_histogram(struct samples *samples, enum metric_id id, const char *const labels[],
                           const struct histogram *histogram)
{
    uint8_t bytes[HISTOGRAM_MAX_BYTES];
    const struct metric *metric = metric_of(id);
    size_t len = histogram_encode(histogram, metric_scale(metric), bytes);
    put_head(samples, metric, labels);
    put(samples, WIRE_TAG_HISTOGRAM, bytes, len);
}

/* ---- reading ---- */

struct samples_reader samples_read(struct bytes all, enum metric_id id)
{
    return (struct samples_reader){.rest = all, .id = id};
}

/* Read a sample's last field, its value: a number or a histogram, depending on the tag. */
static bool take_value(const struct metric *metric, uint16_t tag, struct bytes value,
                       struct sample *sample)
{
    if (tag == WIRE_TAG_HISTOGRAM && metric->kind == METRIC_HISTOGRAM)
        return histogram_decode(value, metric_scale(metric), &sample->histogram);
    return tag == WIRE_TAG_NUMBER && metric->kind != METRIC_HISTOGRAM &&
           wire_get_u64(value, &sample->number);
}

bool samples_next(struct samples_reader *reader, struct sample *sample)
{
    const struct metric *metric = metric_of(reader->id);
    size_t labels_count = 0;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&reader->rest, &tag, &value)) {
        if (tag == WIRE_TAG_METRIC) {
            reader->within = bytes_equal_string(value, metric->name);
            labels_count = 0;
        } else if (tag == WIRE_TAG_LABEL) {
            if (labels_count < METRIC_LABELS_MAX)
                sample->labels[labels_count] = value;
            labels_count++;
        } else {
            bool is_whole = labels_count == metric_labels_count(metric);
            labels_count = 0;
            if (reader->within && is_whole && take_value(metric, tag, value, sample))
                return true;
        }
    }
    return false;
}
