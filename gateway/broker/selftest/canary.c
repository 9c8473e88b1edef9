#include "broker/selftest/canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/selftest/canary_job.h"
#include "broker/selftest/gauge.h"
#include "broker/selftest/trial.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/refused.h"

/* The engine is up, so the cause that kept the canary from running should soon be gone. */
#define LOST_WAIT_MS 300
/* A failed check stays until somebody fixes its cause, so wait longer each time. */
#define FAILED_WAIT_FIRST_MS 1000
#define FAILED_WAIT_MOST_MS 60000

struct canary {
    struct timers *timers;
    struct pool *pool;
    const struct engine *engine;
    const struct config *config;
    canary_reported *on_reported;
    void *arg;
    struct audience audience;
    struct run *run; /* NULL: no canary is running */
    /* the current or next run tests a limit, `trial`, and does not look at the box */
    bool is_trial;
    enum trial trial;
    size_t runtime_index; /* the current or next runtime; one round tests all runtimes */
    uint64_t serial, begun_ns;
    struct buf output;
    struct timer timer;     /* starts the next canary */
    struct gauge gauge;     /* for TRIAL_CPU */
    struct backoff backoff; /* after failures */
    /* a canary has passed since the engine came up, and none has failed after it */
    bool passed;
    struct canary_report report;
    struct canary_results results;
    char lost_text[sizeof(((struct error *)0)->text)]; /* the last text that was logged */
    /* for each runtime: a hash of what was logged last */
    uint64_t differences[CONFIG_RUNTIMES_MAX];
};

/* ---- the result ---- */

static void wait(struct canary *canary, uint32_t ms)
{
    if (engine_is_up(canary->engine))
        timer_start(canary->timers, &canary->timer, ms);
}

static const char *runtime_name(const struct canary *canary)
{
    return canary->config->runtimes[canary->runtime_index].name;
}

static void report(const struct canary *canary)
{
    bool passed = canary_first_failure(&canary->report) == NULL;
    if (canary->on_reported)
        canary->on_reported(canary->arg, &canary->report, passed);
}

/* Log the checks that differ but are not weaker, unless the same differences were logged before. */
static void note_differences(struct canary *canary)
{
    uint64_t hash = canary_hash_differences(&canary->report);
    bool is_new = hash != canary->differences[canary->runtime_index];
    canary->differences[canary->runtime_index] = hash;
    for (size_t i = 0; is_new && i < canary->report.count; i++) {
        const struct canary_check *check = &canary->report.checks[i];
        if (check->differs)
            log_event(LOG_WARNING, "canary_differs", LOG_STR("runtime", runtime_name(canary)),
                      LOG_STR("check", check->name), LOG_STR("expected", check->expected),
                      LOG_STR("seen", check->seen), LOG_END);
    }
}

/* Handle a box that has passed. If its runtime was the last of the round, the pool may trust the
 * sandbox. */
static void pass(struct canary *canary)
{
    note_differences(canary);
    log_event(LOG_INFO, "canary_passed", LOG_STR("runtime", runtime_name(canary)),
              LOG_U64("checks", canary->report.count),
              LOG_U64("total_us", (clock_now_ns() - canary->begun_ns) / 1000), LOG_END);
    canary->results.passed_count++;
    canary->results.passed_at_ms = clock_wall_ms();
    backoff_reset(&canary->backoff);
    canary->lost_text[0] = '\0';
    canary->is_trial = false;
    canary->runtime_index = (canary->runtime_index + 1) % canary->config->runtimes_count;
    bool is_round = canary->runtime_index == 0;
    wait(canary, is_round ? canary->config->canary_s * 1000 : 0);
    if (is_round) {
        canary->passed = true;
        pool_trust(canary->pool);
    }
    report(canary);
}

static void fail(struct canary *canary)
{
    struct error why;
    const struct canary_check *first = canary_first_failure(&canary->report);
    for (size_t i = 0; i < canary->report.count; i++) {
        const struct canary_check *check = &canary->report.checks[i];
        if (!check->ok)
            log_event(LOG_ERROR, "canary_failed", LOG_STR("runtime", runtime_name(canary)),
                      LOG_STR("check", check->name), LOG_STR("expected", check->expected),
                      LOG_STR("seen", check->seen), LOG_END);
    }
    canary->results.failed_count++;
    canary->is_trial = false;
    error_set(&why, ERR_ENGINE, "the sandbox's self-test failed in runtime %s: %s",
              runtime_name(canary), first->name);
    canary->passed = false;
    wait(canary, backoff_next(&canary->backoff));
    pool_distrust(canary->pool, &why);
    report(canary);
}

/* Handle a lost canary: nothing is known about the sandbox. */
static void lose(struct canary *canary, const char *text)
{
    struct error why;
    canary->results.lost_count++;
    canary->is_trial = false;
    if (strcmp(canary->lost_text, text) != 0)
        log_event(LOG_WARNING, "canary_lost", LOG_STR("runtime", runtime_name(canary)),
                  LOG_STR("error", text), LOG_END);
    snprintf(canary->lost_text, sizeof canary->lost_text, "%s", text);
    canary_judge_lost(&canary->report, text);
    wait(canary, LOST_WAIT_MS);
    if (!canary->passed && engine_is_up(canary->engine)) {
        error_set(&why, ERR_ENGINE, "the sandbox's self-test could not be run in runtime %s: %s",
                  runtime_name(canary), text);
        pool_distrust(canary->pool, &why);
    }
    report(canary);
}

/* ---- results of the look and of the trials ---- */

static void conclude(struct canary *canary)
{
    if (canary_first_failure(&canary->report))
        fail(canary);
    else
        pass(canary);
}

static void judge(struct canary *canary)
{
    const struct docker_engine *engine = engine_info(canary->engine);
    const char *chosen = canary->config->oci_runtime;
    struct canary_terms terms = {
        .engine = engine,
        .oci_runtime = chosen[0] ? chosen : engine->oci_runtime,
        .limits = canary->config->default_limits,
        .tmpfs_bytes = canary->config->tmpfs_bytes,
        .first_uid = pool_first_uid(canary->pool),
        .uids_count = canary->config->max_boxes,
        .own_profile = canary->config->seccomp[0] == '\0',
    };
    canary_judge(&terms, buf_bytes(&canary->output), &canary->report);
    /* Run all trials even if a check has failed, so that the report names every limit that does not
     * hold. */
    if (canary->report.is_gvisor) {
        canary->is_trial = true;
        canary->trial = 0;
        wait(canary, 0);
        return;
    }
    conclude(canary);
}

static void end_trial(struct canary *canary, const struct trial_evidence *evidence)
{
    struct canary_report *all = &canary->report;
    trial_judge(canary->trial, &canary->config->default_limits, evidence,
                &all->checks[all->count++]);
    canary->trial++;
    if (canary->trial == TRIALS_COUNT)
        conclude(canary);
    else
        wait(canary, 0);
}

/* Judge a trial whose program or box has ended. */
static void take_end_of_trial(struct canary *canary, const struct outcome *outcome)
{
    struct trial_evidence evidence = {.output = buf_bytes(&canary->output),
                                      .verdict = outcome->verdict};
    bool is_accident =
        outcome->verdict == VERDICT_LOST &&
        !trial_came_far(canary->trial, &canary->config->default_limits, evidence.output);
    gauge_stop(&canary->gauge);
    if (canary->trial == TRIAL_CPU || is_accident)
        lose(canary, "the box of a trial of its limits was lost");
    else
        end_trial(canary, &evidence);
}

/* Take the measured CPU time of a trial. Its program is still running, so cancel it. */
static void on_gauged(void *arg, const struct gauge_reading *reading, const struct error *why)
{
    struct canary *canary = arg;
    pool_cancel(canary->pool, canary->run);
    canary->run = NULL;
    if (why)
        lose(canary, why->text);
    else
        end_trial(canary, &(struct trial_evidence){.usage = *reading});
}

/* When the CPU trial's program prints something, it is running: start measuring. */
static void take_output(struct canary *canary, struct bytes payload)
{
    if (payload.len == 0 || payload.data[0] != WIRE_STDOUT)
        return;
    bool is_first = canary->output.len == 0;
    buf_append(&canary->output, payload.data + 1, payload.len - 1);
    if (canary->is_trial && canary->trial == TRIAL_CPU && is_first)
        gauge_start(&canary->gauge, canary->timers, canary->pool, canary->run, on_gauged, canary);
}

static void take_end(struct canary *canary, struct bytes payload)
{
    struct outcome outcome;
    char text[80];
    bool is_read = outcome_decode(payload, &outcome, NULL);
    if (is_read && canary->is_trial) {
        take_end_of_trial(canary, &outcome);
        return;
    }
    if (!is_read || outcome.verdict == VERDICT_LOST) {
        lose(canary, "its box was lost");
        return;
    }
    if (outcome.verdict == VERDICT_EXITED && outcome.exit_code == 0) {
        judge(canary);
        return;
    }
    /* Perhaps a protection has stopped the canary. But a box in which the canary cannot run to its
     * end is not the box that we promise. */
    snprintf(text, sizeof text, "the canary ended: %s, exit code %d, signal %d",
             verdict_name(outcome.verdict), outcome.exit_code, outcome.signal);
    canary_judge_lost(&canary->report, text);
    fail(canary);
}

static void take_refusal(struct canary *canary, struct bytes payload)
{
    struct error why;
    uint32_t retry_ms;
    if (!refused_decode(payload, &why, &retry_ms))
        error_set(&why, ERR_PROTOCOL, "the run was refused");
    char sentence[sizeof canary->lost_text];
    snprintf(sentence, sizeof sentence, "%.*s", (int)sizeof sentence - 1, why.text);
    lose(canary, sentence);
}

static bool on_frame(void *arg, struct run *run, const struct frame *frame)
{
    struct canary *canary = arg;
    struct bytes payload = frame->payload;
    (void)run;
    switch (frame->type) {
    case WIRE_OUTPUT:
        take_output(canary, payload);
        break;
    case WIRE_END:
        canary->run = NULL;
        take_end(canary, payload);
        break;
    case WIRE_REFUSED:
        canary->run = NULL;
        take_refusal(canary, payload);
        break;
    case WIRE_PAIRED:
    case WIRE_STARTED:
    case WIRE_FILE:
    case WIRE_DISPLAY:
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
    case WIRE_SESSION:
        break;
    }
    return true;
}

/* ---- sending a canary ---- */

static void send_one(void *arg)
{
    struct canary *canary = arg;
    struct buf frame;
    struct error err = {.kind = ERR_NONE};
    buf_init(&frame, CANARY_JOB_MAX_BYTES);
    buf_truncate(&canary->output, 0);
    if (!canary->is_trial)
        canary->begun_ns = clock_now_ns();
    if (canary_job_write(canary->config, runtime_name(canary),
                         canary->is_trial ? &canary->trial : NULL, ++canary->serial, &frame))
        canary->run = pool_submit_canary(canary->pool, &frame, &canary->audience, canary, &err);
    else
        error_set(&err, ERR_SYSTEM, "out of memory");
    buf_release(&frame);
    if (!canary->run)
        lose(canary, err.text);
}

/* ---- life ---- */

struct canary *canary_new(struct timers *timers, struct pool *pool, const struct engine *engine,
                          const struct config *config, canary_reported *on_reported, void *arg,
                          struct error *err)
{
    struct canary *canary = calloc(1, sizeof *canary);
    if (!canary) {
        error_set(err, ERR_SYSTEM, "out of memory");
        return NULL;
    }
    canary->timers = timers;
    canary->pool = pool;
    canary->engine = engine;
    canary->config = config;
    canary->on_reported = on_reported;
    canary->arg = arg;
    canary->audience.on_frame = on_frame;
    canary->backoff =
        (struct backoff){.first_ms = FAILED_WAIT_FIRST_MS, .most_ms = FAILED_WAIT_MOST_MS};
    canary->timer = (struct timer){.on_due = send_one, .arg = canary};
    buf_init(&canary->output, CANARY_OUTPUT_MAX_BYTES);
    return canary;
}

void canary_stop(struct canary *canary)
{
    timer_stop(canary->timers, &canary->timer);
    gauge_stop(&canary->gauge);
    canary->is_trial = false;
    if (canary->run)
        pool_cancel(canary->pool, canary->run);
    canary->run = NULL;
}

void canary_free(struct canary *canary)
{
    if (!canary)
        return;
    canary_stop(canary);
    buf_release(&canary->output);
    free(canary);
}

void canary_engine_up(struct canary *canary)
{
    canary_stop(canary);
    canary->runtime_index = 0;
    backoff_reset(&canary->backoff);
    timer_start(canary->timers, &canary->timer, 0);
}

void canary_engine_down(struct canary *canary)
{
    canary_stop(canary);
    canary->passed = false;
}

const struct canary_results *canary_results(const struct canary *canary)
{
    return &canary->results;
}
