#include "front/api/metrics_text.h"

#include <stdio.h>

#include "common/clock.h"

/* The text that is being written. If out's cap is exceeded, ok becomes false and stays so. */
struct text {
    struct buf *out;
    const struct metric *metric;
    struct sample sample;
    bool ok;
};

/* ---- pieces ---- */

static void put(struct text *text, const char *string)
{
    text->ok = text->ok && buf_append_string(text->out, string);
}

/* Write a value in quotes, escaped as the format requires. */
static void put_escaped(struct text *text, struct bytes value)
{
    for (size_t i = 0; i < value.len && text->ok; i++) {
        char c = (char)value.data[i];
        if (c == '\n')
            put(text, "\\n");
        else if (c == '"' || c == '\\')
            text->ok = buf_printf(text->out, "\\%c", c);
        else
            text->ok = buf_append(text->out, &c, 1);
    }
}

/* Write the sample's labels. `le` is the upper bound of a histogram's bucket; NULL for other
 * samples. */
static void put_labels(struct text *text, const char *le)
{
    size_t count = metric_labels_count(text->metric);
    const char *separator = "{";
    for (size_t i = 0; i < count; i++) {
        put(text, separator);
        put(text, text->metric->labels[i]);
        put(text, "=\"");
        put_escaped(text, text->sample.labels[i]);
        put(text, "\"");
        separator = ",";
    }
    if (le) {
        put(text, separator);
        put(text, "le=\"");
        put(text, le);
        put(text, "\"");
    }
    if (count > 0 || le)
        put(text, "}");
}

/* Returns how many units of the stored numbers make one unit of the text. */
static uint64_t shown_unit(const struct text *text)
{
    static const uint64_t units[] = {
        [METRIC_NUMBER] = 1, [METRIC_BYTES] = 1, [METRIC_NS] = NS_PER_S, [METRIC_PERCENT] = 100};
    return units[text->metric->unit];
}

/* Use integers only: a double would lose the last digits of a large number of nanoseconds. */
static void put_number(struct text *text, uint64_t number)
{
    uint64_t unit = shown_unit(text);
    int digits = unit == NS_PER_S ? 9 : 2;
    if (unit > 1)
        text->ok =
            text->ok && buf_printf(text->out, " %llu.%0*llu\n", (unsigned long long)(number / unit),
                                   digits, (unsigned long long)(number % unit));
    else
        text->ok = text->ok && buf_printf(text->out, " %llu\n", (unsigned long long)number);
}

static void put_line(struct text *text, const char *suffix, const char *le)
{
    put(text, text->metric->name);
    put(text, suffix);
    put_labels(text, le);
}

/* ---- samples ---- */

static void put_count(struct text *text, uint64_t count)
{
    text->ok = text->ok && buf_printf(text->out, " %llu\n", (unsigned long long)count);
}

static void put_histogram(struct text *text)
{
    const struct histogram *histogram = &text->sample.histogram;
    const struct histogram_scale *scale = metric_scale(text->metric);
    double unit = (double)shown_unit(text);
    uint64_t count = 0;
    for (size_t i = 0; i < scale->bounds_count; i++) {
        char le[32];
        snprintf(le, sizeof le, "%.9g", (double)scale->bounds[i] / unit);
        count += histogram->counts[i];
        put_line(text, "_bucket", le);
        put_count(text, count);
    }
    count += histogram->counts[scale->bounds_count];
    put_line(text, "_bucket", "+Inf");
    put_count(text, count);
    put_line(text, "_sum", NULL);
    put_number(text, histogram->sum);
    put_line(text, "_count", NULL);
    put_count(text, count);
}

static const char *type_name(enum metric_kind kind)
{
    switch (kind) {
    case METRIC_COUNTER:
        return "counter";
    case METRIC_GAUGE:
        return "gauge";
    case METRIC_HISTOGRAM:
        break;
    }
    return "histogram";
}

static void put_head(struct text *text)
{
    const struct metric *metric = text->metric;
    text->ok = text->ok && buf_printf(text->out, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
                                      metric->help, metric->name, type_name(metric->kind));
}

static void put_metric(struct text *text, enum metric_id id, const struct bytes senders[],
                       size_t senders_count)
{
    bool begun = false;
    text->metric = metric_of(id);
    for (size_t i = 0; i < senders_count; i++) {
        struct samples_reader reader = samples_read(senders[i], id);
        while (samples_next(&reader, &text->sample)) {
            if (!begun)
                put_head(text);
            begun = true;
            if (text->metric->kind == METRIC_HISTOGRAM) {
                put_histogram(text);
                continue;
            }
            put_line(text, "", NULL);
            put_number(text, text->sample.number);
        }
    }
}

bool metrics_text_write(struct buf *out, const struct bytes senders[], size_t senders_count)
{
    size_t before = out->len;
    struct text text = {.out = out, .ok = true};
    for (int id = 0; id < METRICS_COUNT; id++)
        put_metric(&text, (enum metric_id)id, senders, senders_count);
    if (!text.ok)
        buf_truncate(out, before);
    return text.ok;
}
