/* Checks frames: a frame that is parsed and appended again must be the same bytes. A stream fed in
 * pieces must give the same frames and the same result as the whole. Fields of a payload that are
 * read and written again must give the same payload.
 */
#include "fuzz.h"

#include "common/outcome.h"
#include "common/runtime.h"
#include "common/sample.h"
#include "common/status.h"
#include "common/wire.h"

#define MAX_PAYLOAD 4096

/* Append every frame of the stream to out, as wire_append writes them. */
static enum wire_result read_whole(const uint8_t *data, size_t len, struct buf *out)
{
    for (;;) {
        struct frame frame;
        size_t used;
        enum wire_result result = wire_parse(data, len, MAX_PAYLOAD, &frame, &used);
        if (result != WIRE_FRAME)
            return result;
        must(used == WIRE_HEADER_BYTES + frame.payload.len && used <= len);
        must(frame.payload.len <= MAX_PAYLOAD);
        must(strcmp(wire_type_name(frame.type), "unknown") != 0);
        size_t before = out->len;
        must(wire_append(out, frame.type, frame.run_id, frame.payload.data, frame.payload.len));
        must(out->len - before == used && memcmp(out->data + before, data, used) == 0);
        data += used;
        len -= used;
    }
}

/* The same with a buffer that gets `step` bytes at a time, as from a socket. */
static enum wire_result read_in_steps(const uint8_t *data, size_t len, size_t step, struct buf *out)
{
    struct buf in;
    buf_init(&in, len + 1);
    enum wire_result result = WIRE_MORE;
    for (size_t at = 0; at < len && result != WIRE_BAD;) {
        size_t piece = len - at < step ? len - at : step;
        must(buf_append(&in, data + at, piece));
        at += piece;
        struct frame frame;
        size_t used;
        while ((result = wire_parse(in.data + in.start, in.len, MAX_PAYLOAD, &frame, &used)) ==
               WIRE_FRAME) {
            must(wire_append(out, frame.type, frame.run_id, frame.payload.data, frame.payload.len));
            buf_consume(&in, used);
        }
    }
    buf_release(&in);
    return result;
}

static void check_fields(struct bytes payload)
{
    struct buf out;
    buf_init(&out, payload.len);
    struct bytes rest = payload, value;
    uint16_t tag;
    while (wire_next(&rest, &tag, &value))
        must(wire_put(&out, (enum wire_tag)tag, value.data, value.len));
    must(same_bytes(buf_bytes(&out), bytes_of(payload.data, payload.len - rest.len)));
    buf_release(&out);
}

static void check_outcome(struct bytes payload)
{
    struct outcome outcome, again;
    struct error err = {0};
    if (!outcome_decode(payload, &outcome, &err)) {
        must(err.kind == ERR_PROTOCOL);
        return;
    }
    must(outcome.out.kept_bytes <= outcome.out.total_bytes);
    struct buf out;
    buf_init(&out, 4096);
    must(outcome_encode(&out, &outcome));
    must(outcome_decode(buf_bytes(&out), &again, NULL));
    must(again.verdict == outcome.verdict && again.exit_code == outcome.exit_code);
    must(again.signal == outcome.signal && strcmp(again.text, outcome.text) == 0);
    buf_release(&out);
}

/* Check that the samples of a metric are the same after writing and reading them again. */
static void check_samples(struct bytes all, enum metric_id id)
{
    struct samples_reader reader = samples_read(all, id);
    struct sample sample = {0}, again = {0};
    while (samples_next(&reader, &sample)) {
        char texts[METRIC_LABELS_MAX][64];
        const char *labels[METRIC_LABELS_MAX] = {texts[0], texts[1], texts[2]};
        bool fit = true;
        for (size_t i = 0; i < metric_labels_count(metric_of(id)); i++) {
            struct bytes label = sample.labels[i];
            fit = fit && label.len < sizeof(texts[i]) && !memchr(label.data, 0, label.len);
            if (fit)
                snprintf(texts[i], sizeof(texts[i]), "%.*s", (int)label.len, label.data);
        }
        if (!fit)
            continue;
        struct buf out;
        struct samples samples;
        buf_init(&out, 4096);
        samples_begin(&samples, &out);
        if (metric_of(id)->kind == METRIC_HISTOGRAM)
            samples_put_histogram(&samples, id, labels, &sample.histogram);
        else
            samples_put(&samples, id, labels, sample.number);
        must(samples.ok);
        struct samples_reader second = samples_read(buf_bytes(&out), id);
        must(samples_next(&second, &again));
        must(again.number == sample.number || metric_of(id)->kind == METRIC_HISTOGRAM);
        must(memcmp(&again.histogram, &sample.histogram, sizeof(again.histogram)) == 0);
        for (size_t i = 0; i < metric_labels_count(metric_of(id)); i++)
            must(same_bytes(again.labels[i], sample.labels[i]));
        must(!samples_next(&second, &again));
        buf_release(&out);
    }
}

static void check_status(struct bytes payload)
{
    static struct status status, again;
    if (!status_decode(payload, &status, NULL))
        return;
    must(status.samples.len <= SAMPLES_MAX_BYTES);
    for (int id = 0; id < METRICS_COUNT; id++)
        check_samples(status.samples, (enum metric_id)id);
    struct buf out;
    buf_init(&out, SAMPLES_MAX_BYTES + 4096);
    must(status_encode(&out, &status));
    must(status_decode(buf_bytes(&out), &again, NULL));
    must(again.ready == status.ready && again.retry_ms == status.retry_ms);
    must(strcmp(again.reason, status.reason) == 0);
    must(same_bytes(again.samples, status.samples));
    buf_release(&out);
}

static void check_runtimes(struct bytes payload)
{
    static struct runtimes runtimes, again;
    if (!runtimes_decode(payload, &runtimes, NULL))
        return;
    must(runtimes.count <= CONFIG_RUNTIMES_MAX);
    struct buf out;
    buf_init(&out, payload.len + sizeof(runtimes));
    must(runtimes_encode(&out, &runtimes));
    must(runtimes_decode(buf_bytes(&out), &again, NULL));
    must(again.count == runtimes.count);
    for (size_t i = 0; i < again.count; i++) {
        must(strcmp(again.all[i].name, runtimes.all[i].name) == 0);
        must(strcmp(again.all[i].packages, runtimes.all[i].packages) == 0);
        must(again.all[i].ready == runtimes.all[i].ready);
    }
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const size_t steps[] = {1, 7, WIRE_HEADER_BYTES, 1000};
    struct buf whole, pieces;
    buf_init(&whole, len);
    buf_init(&pieces, len);
    enum wire_result result = read_whole(data, len, &whole);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        must(read_in_steps(data, len, steps[i], &pieces) == result);
        must(same_bytes(buf_bytes(&whole), buf_bytes(&pieces)));
        buf_consume(&pieces, pieces.len);
    }
    buf_release(&whole);
    buf_release(&pieces);
    check_fields(bytes_of(data, len));
    check_outcome(bytes_of(data, len));
    check_status(bytes_of(data, len));
    check_runtimes(bytes_of(data, len));
    return 0;
}
