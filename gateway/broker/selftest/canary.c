#include "broker/selftest/canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/engine/seccomp.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/refused.h"

#define OWNER "(canary)" /* no key has such a name, so that it waits for nobody's crowd */
/* The canary's wall clock, or the longest call of the engine where that is longer: so is this on
 * a slow machine. */
#define TIMEOUT_LEAST_MS 10000
#define QUEUE_TIMEOUT_MS 120000
#define OUTPUT_MAX_BYTES ((size_t)64 << 10)
#define JOB_MAX_BYTES ((size_t)128 << 10)
/* The engine was seen to be up: what kept the canary from running is soon over. */
#define LOST_WAIT_MS 300
/* A difference goes away when somebody has done something about it. */
#define FAILED_WAIT_FIRST_MS 1000
#define FAILED_WAIT_MOST_MS 60000

/* The text of canary.py, and its length. */
__asm__(".section .rodata\n"
        "canary_program: .incbin \"gateway/broker/selftest/canary.py\"\n"
        "canary_program_end: .balign 8\n"
        "canary_program_bytes: .quad canary_program_end - canary_program\n"
        ".previous\n");
extern const uint8_t canary_program[];
extern const uint64_t canary_program_bytes;

struct canary {
    struct timers *timers;
    struct pool *pool;
    const struct engine *engine;
    const struct config *config;
    canary_reported *on_reported;
    void *arg;
    struct audience audience;
    struct run *run;      /* the one that is out; NULL: none */
    size_t runtime_index; /* of the one that is looked at, or is next; all of them are a round */
    uint64_t serial, begun_ns;
    struct buf output;
    struct timer timer;     /* the next */
    struct backoff backoff; /* after a failure */
    bool passed;            /* since the engine came up, and no difference after it */
    struct canary_report report;
    struct canary_results results;
    char lost_text[sizeof(((struct error *)0)->text)]; /* logged already */
    uint64_t differences[CONFIG_RUNTIMES_MAX];         /* logged already, of each runtime; a hash */
};

/* ---- what came of it ---- */

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

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211U;
    return hash * 31;
}

static uint64_t hash_differences(const struct canary_report *found)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < found->count; i++) {
        if (found->checks[i].differs)
            hash = hash_text(hash_text(hash + 1, found->checks[i].name), found->checks[i].seen);
    }
    return hash;
}

/* Log the checks that differ from what is expected, though not weaker, unless they were logged
 * before. */
static void note_differences(struct canary *canary)
{
    uint64_t hash = hash_differences(&canary->report);
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

/* This runtime's box passed. When the last runtime of a round passes, the pool may trust the
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
    error_set(&why, ERR_ENGINE, "the sandbox's self-test failed in runtime %s: %s",
              runtime_name(canary), first->name);
    canary->passed = false;
    wait(canary, backoff_next(&canary->backoff));
    pool_distrust(canary->pool, &why);
    report(canary);
}

/* Nothing was learnt, neither good nor bad. */
static void lose(struct canary *canary, const char *text)
{
    struct error why;
    canary->results.lost_count++;
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
    if (canary_first_failure(&canary->report))
        fail(canary);
    else
        pass(canary);
}

static void take_end(struct canary *canary, struct bytes payload)
{
    struct outcome outcome;
    char text[80];
    if (!outcome_decode(payload, &outcome, NULL) || outcome.verdict == VERDICT_LOST) {
        lose(canary, "its box was lost");
        return;
    }
    if (outcome.verdict == VERDICT_EXITED && outcome.exit_code == 0) {
        judge(canary);
        return;
    }
    /* A fence that it ran into, say: a box in which it cannot look is not the box that we mean. */
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
        if (payload.len && payload.data[0] == WIRE_STDOUT)
            buf_append(&canary->output, payload.data + 1, payload.len - 1);
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
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_RUNTIMES:
        break;
    }
    return true;
}

/* ---- sending one ---- */

static uint32_t at_most(uint32_t number, uint32_t most)
{
    return number < most ? number : most;
}

static uint32_t timeout_ms(const struct config *config)
{
    uint32_t ms = config->engine_timeout_ms;
    return at_most(ms > TIMEOUT_LEAST_MS ? ms : TIMEOUT_LEAST_MS, config->max_timeout_ms);
}

/* A job as a front would send it, with the allowed calls' numbers on its standard input. */
static bool write_job(const struct canary *canary, uint64_t run_id, struct buf *frame)
{
    size_t mark;
    const struct config *config = canary->config;
    struct buf numbers;
    buf_init(&numbers, JOB_MAX_BYTES);
    bool ok = seccomp_write_numbers(&numbers);
    struct job job = {
        .timeout_ms = timeout_ms(config),
        .queue_timeout_ms = QUEUE_TIMEOUT_MS,
        .limits = config->default_limits,
        .output_bytes = config->max_output_bytes < OUTPUT_MAX_BYTES ? config->max_output_bytes
                                                                    : OUTPUT_MAX_BYTES,
        .source = bytes_of(canary_program, canary_program_bytes),
        .stdin_data = buf_bytes(&numbers),
    };
    snprintf(job.owner, sizeof job.owner, OWNER);
    snprintf(job.runtime, sizeof job.runtime, "%s", runtime_name(canary));
    ok = ok && wire_begin(frame, WIRE_RUN, run_id, &mark) &&
         wire_finish(frame, mark, job_encode(frame, &job));
    buf_release(&numbers);
    return ok;
}

static void send_one(void *arg)
{
    struct canary *canary = arg;
    struct buf frame;
    struct error err = {.kind = ERR_NONE};
    buf_init(&frame, JOB_MAX_BYTES);
    buf_truncate(&canary->output, 0);
    canary->begun_ns = clock_now_ns();
    if (write_job(canary, ++canary->serial, &frame))
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
    buf_init(&canary->output, OUTPUT_MAX_BYTES);
    return canary;
}

void canary_stop(struct canary *canary)
{
    timer_stop(canary->timers, &canary->timer);
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
