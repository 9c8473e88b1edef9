#include "broker/selftest/trial.h"

#include <stdio.h>
#include <string.h>

#include "common/number.h"

/* A program tries to use this many times its limit, so that the trial also notices if the box has
 * swap. */
#define EXCESS_FACTOR 2
/* The number of busy processes, besides one for each CPU of the limit. */
#define EXCESS_SPINNERS 2
/* The kernel grants the quota at the beginning of each period of 100 ms. Allow for one more period,
 * and for quota that CPUs have fetched in advance. */
#define SLACK_NS UINT64_C(300000000)

static const struct {
    const char *argument; /* the trial's name in trial.py */
    const char *check, *noun;
} trials[TRIALS_COUNT] = {
    [TRIAL_MEMORY] = {"memory", "memory past the limit", "bytes"},
    [TRIAL_PROCESSES] = {"processes", "processes past the limit", "processes"},
    [TRIAL_THREADS] = {"threads", "threads past the limit", "threads"},
    [TRIAL_CPU] = {"cpu", "CPU past the limit", "thousandths"},
};

static uint64_t limit_of(enum trial trial, const struct limits *limits)
{
    switch (trial) {
    case TRIAL_MEMORY:
        return limits->memory_bytes;
    case TRIAL_PROCESSES:
    case TRIAL_THREADS:
        return limits->pids;
    case TRIAL_CPU:
        return limits->cpu_millis;
    case TRIALS_COUNT:
        break;
    }
    return 0;
}

static uint64_t most_of(enum trial trial, const struct limits *limits)
{
    uint64_t limit = limit_of(trial, limits);
    return trial == TRIAL_CPU ? limit / 1000 + EXCESS_SPINNERS : limit * EXCESS_FACTOR;
}

bool trial_put_args(enum trial trial, const struct limits *limits, struct buf *out)
{
    char most[24];
    snprintf(most, sizeof most, "%llu", (unsigned long long)most_of(trial, limits));
    return job_put_arg(out, bytes_of_string(trials[trial].argument)) &&
           job_put_arg(out, bytes_of_string(most));
}

/* ---- how far the program came ---- */

struct progress {
    uint64_t reached;
    bool was_refused;
};

/* Read the last complete line of output. */
static struct progress read_progress(struct bytes output)
{
    struct progress progress = {0};
    const uint8_t *end;
    while (output.len && (end = memchr(output.data, '\n', output.len)) != NULL) {
        size_t len = (size_t)(end - output.data);
        uint64_t number;
        if (number_parse_uint((const char *)output.data, len, &number))
            progress.reached = number;
        progress.was_refused = bytes_equal_string(bytes_of(output.data, len), "refused");
        output = bytes_of(end + 1, output.len - len - 1);
    }
    return progress;
}

bool trial_came_far(enum trial trial, const struct limits *limits, struct bytes output)
{
    return read_progress(output).reached >= limit_of(trial, limits) / 2;
}

static void judge_progress(enum trial trial, uint64_t limit, const struct trial_evidence *evidence,
                           struct canary_check *check)
{
    struct progress progress = read_progress(evidence->output);
    bool has_ended = evidence->verdict == VERDICT_OOM || evidence->verdict == VERDICT_LOST;
    /* For memory, the verdict must be OOM: a lost box alone proves nothing. */
    bool was_stopped = trial == TRIAL_MEMORY ? evidence->verdict == VERDICT_OOM
                                             : has_ended || progress.was_refused;
    check->ok = was_stopped && progress.reached > 0 && progress.reached <= limit;
    snprintf(check->expected, sizeof check->expected, "at most %llu %s", (unsigned long long)limit,
             trials[trial].noun);
    snprintf(check->seen, sizeof check->seen, "%llu %s, then %s",
             (unsigned long long)progress.reached, trials[trial].noun,
             progress.was_refused ? "no more" : verdict_name(evidence->verdict));
}

/* ---- used CPU time ---- */

/* Without a quota, the kernel counts no periods. With one, a busy machine may give less CPU time,
 * but never more. */
static void judge_usage(uint64_t limit, const struct gauge_reading *usage,
                        struct canary_check *check)
{
    uint64_t allowed_ns = (usage->wall_ns + SLACK_NS) / 1000 * limit;
    uint64_t used = usage->wall_ns ? usage->cpu_ns * 1000 / usage->wall_ns : 0;
    check->ok = usage->periods_count > 0 && usage->wall_ns > 0 && usage->cpu_ns <= allowed_ns;
    snprintf(check->expected, sizeof check->expected, "at most %llu thousandths, held to a limit",
             (unsigned long long)limit);
    snprintf(check->seen, sizeof check->seen, "%llu thousandths, %s", (unsigned long long)used,
             usage->periods_count ? "held to a limit" : "no limit");
}

void trial_judge(enum trial trial, const struct limits *limits,
                 const struct trial_evidence *evidence, struct canary_check *check)
{
    *check = (struct canary_check){.ok = false};
    snprintf(check->name, sizeof check->name, "%s", trials[trial].check);
    uint64_t limit = limit_of(trial, limits);
    if (trial == TRIAL_CPU)
        judge_usage(limit, &evidence->usage, check);
    else
        judge_progress(trial, limit, evidence, check);
}
