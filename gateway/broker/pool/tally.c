#include "broker/pool/tally.h"

void tally_submitted(struct tally *tally)
{
    if (tally)
        tally->submitted++;
}

void tally_start(struct tally *tally, size_t runtime_index, enum start start, uint64_t queue_ns)
{
    if (!tally)
        return;
    tally->starts[runtime_index][start]++;
    histogram_add(&tally->queue[start], &histogram_seconds, queue_ns);
}

void tally_warmth(struct tally *tally, size_t runtime_index, uint64_t warmth)
{
    if (tally)
        histogram_add(&tally->warmth[runtime_index], &histogram_percents, warmth);
}

void tally_ended(struct tally *tally, size_t runtime_index, const struct outcome *outcome)
{
    if (!tally)
        return;
    tally->ended[runtime_index][outcome->verdict]++;
    histogram_add(&tally->durations[runtime_index], &histogram_seconds, outcome->wall_ns);
    histogram_add(&tally->out, &histogram_bytes, outcome->out.total_bytes);
    histogram_add(&tally->err, &histogram_bytes, outcome->err.total_bytes);
}

void tally_refused(struct tally *tally, enum error_kind kind)
{
    if (tally)
        tally->refused[kind]++;
}

void tally_canceled(struct tally *tally)
{
    if (tally)
        tally->canceled++;
}

static void report_runtime(const struct tally *tally, size_t index, const char *name,
                           struct samples *samples)
{
    for (int verdict = VERDICT_EXITED; verdict < VERDICTS_COUNT; verdict++)
        samples_put(samples, METRIC_RUNS, LABELS(name, verdict_name((enum verdict)verdict)),
                    tally->ended[index][verdict]);
}

void tally_report(const struct tally *tally, const struct config *config, struct samples *samples)
{
    samples_put(samples, METRIC_RUNS_SUBMITTED, LABELS(NULL), tally->submitted);
    for (size_t i = 0; i < config->runtimes_count; i++)
        report_runtime(tally, i, config->runtimes[i].name, samples);
    for (int kind = ERR_INVALID; kind < ERROR_KINDS_COUNT; kind++)
        samples_put(samples, METRIC_RUNS_REFUSED, LABELS(error_kind_name((enum error_kind)kind)),
                    tally->refused[kind]);
    samples_put(samples, METRIC_RUNS_CANCELED, LABELS(NULL), tally->canceled);
    for (size_t i = 0; i < config->runtimes_count; i++) {
        for (int start = 0; start < STARTS_COUNT; start++)
            samples_put(samples, METRIC_RUN_STARTS,
                        LABELS(config->runtimes[i].name, start_name((enum start)start)),
                        tally->starts[i][start]);
    }
    for (size_t i = 0; i < config->runtimes_count; i++)
        samples_put_histogram(samples, METRIC_RUN_WARMTH, LABELS(config->runtimes[i].name),
                              &tally->warmth[i]);
    for (int start = 0; start < STARTS_COUNT; start++)
        samples_put_histogram(samples, METRIC_RUN_QUEUE, LABELS(start_name((enum start)start)),
                              &tally->queue[start]);
    for (size_t i = 0; i < config->runtimes_count; i++)
        samples_put_histogram(samples, METRIC_RUN_DURATION, LABELS(config->runtimes[i].name),
                              &tally->durations[i]);
    samples_put_histogram(samples, METRIC_RUN_OUTPUT, LABELS("stdout"), &tally->out);
    samples_put_histogram(samples, METRIC_RUN_OUTPUT, LABELS("stderr"), &tally->err);
}
