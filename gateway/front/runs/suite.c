/* One subject of more than 400 lines: the lanes take their tests from the suite, and end it. */
#include "front/runs/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "front/http/problem.h"
#include "front/runs/halt.h"
#include "front/runs/span.h"

/* Wait this long before each further lane: a container costs 200 ms of the engine's time. */
#define WIDEN_MS 100
#define RETRY_MS 100 /* then retry a test that was refused, or is above its key's rate */

struct lane {
    struct attempt attempt; /* runs the lane's test */
    bool is_waiting;        /* waiting for a retry, or for the key's next minute */
    uint32_t index;         /* number of its test */
    uint64_t tried_ms;      /* when the test was first sent; 0: not yet */
    bool was_in_box;        /* a box has refused the test: only one more box may try it */
    struct timer retry;
};

struct suite {
    struct suites *all;
    struct timers *timers;
    struct execution *execution; /* the client's execution, which contains all tests */
    struct test_plan plan;
    struct job job;
    enum output_encoding output_encoding;
    struct excerpt excerpt;
    bool stops_on_failure;
    uint32_t total_timeout_ms;
    struct key key;          /* the account's key */
    struct account *account; /* NULL: no limits */
    struct lane lanes[SUITE_LANES_MAX];
    uint32_t next;    /* the next test to begin */
    bool has_started; /* at least one test has started */
    struct span span; /* begins when the first test has a box */
    struct timer widening;
    size_t held_bytes;
    struct halt halt;
    bool is_gone;        /* the execution has ended: report nothing more */
    unsigned busy_depth; /* above 0: do not free it yet */
};

/* ---- reports ---- */

static void suite_free(struct suite *suite)
{
    suite->is_gone = true;
    timer_stop(suite->timers, &suite->widening);
    for (size_t i = 0; i < SUITE_LANES_MAX; i++) {
        attempt_release(&suite->lanes[i].attempt);
        timer_stop(suite->timers, &suite->lanes[i].retry);
        suite->lanes[i].is_waiting = false;
    }
    if (suite->busy_depth > 0)
        return;
    link_end_scope(suite->all->executions->link, suite->job.box_scope);
    test_plan_release(&suite->plan);
    free(suite);
}

/* Call this after a callback that may have ended the suite: frees it if so, and returns false. */
static bool settle(struct suite *suite)
{
    suite->busy_depth--;
    if (!suite->is_gone)
        return true;
    if (suite->busy_depth == 0)
        suite_free(suite);
    return false;
}

/* Deliver a report; takes it. If it is NULL because memory was out, its test counts as not run.
 * Returns false if the suite has ended. */
static bool deliver(struct suite *suite, struct report *report)
{
    if (!report || suite->is_gone)
        return !suite->is_gone;
    suite->all->reports.by_verdict[report->verdict]++;
    suite->busy_depth++;
    execution_report(suite->execution, report);
    return settle(suite);
}

static bool report_not_run(struct suite *suite, uint32_t index, const char *reason, const char *why)
{
    const struct report terms = {.index = index,
                                 .name = suite->plan.cases[index].name,
                                 .verdict = REPORT_NOT_RUN,
                                 .reason = reason,
                                 .message = why ? bytes_of_string(why) : (struct bytes){0}};
    return deliver(suite, report_new(&terms));
}

static bool report_rest(struct suite *suite, const char *reason, const char *why)
{
    bool is_there = true;
    while (is_there && suite->next < suite->plan.count)
        is_there = report_not_run(suite, suite->next++, reason, why);
    return is_there;
}

/* Report the run of the lane's attempt. The difference is copied before the output is cut. */
static bool report_run(struct suite *suite, struct lane *lane, const struct judge *judge)
{
    struct report terms = judge_report(judge);
    terms.index = lane->index;
    terms.name = suite->plan.cases[lane->index].name;
    struct report *report = report_new(&terms);
    if (!report)
        return true;
    report->transcript = attempt_take(&lane->attempt);
    excerpt_cut(&suite->excerpt, report->transcript, judge->verdict);
    return deliver(suite, report);
}

/* ---- its end ---- */

/* End the suite with its outcome. The caller must return at once. */
static void end(struct suite *suite)
{
    struct execution *execution = suite->execution;
    const struct summary *summary = &execution_transcript(execution)->summary;
    if (!report_rest(suite, halt_reason(&suite->halt), suite->halt.why))
        return;
    struct outcome outcome = halt_outcome(&suite->halt, summary, suite->span.begun_ns);
    log_event(LOG_INFO, "tests_ended", LOG_RUN(suite->job.box_scope),
              LOG_U64("tests", summary->tests_count),
              LOG_U64("passed", summary->counts[REPORT_PASSED]),
              LOG_U64("not_run", summary->counts[REPORT_NOT_RUN]),
              LOG_U64("wall_us", outcome.wall_ns / 1000), LOG_END);
    suite_free(suite);
    execution_sink.on_end(execution, &outcome);
}

/* Report that the lane's test does not run, because the suite was halted. */
static bool report_stop(struct suite *suite, const struct lane *lane)
{
    return report_not_run(suite, lane->index, halt_reason(&suite->halt), suite->halt.why);
}

static bool is_idle(const struct lane *lane)
{
    return !lane->is_waiting && lane->attempt.state == ATTEMPT_IDLE;
}

static void end_if_idle(struct suite *suite)
{
    size_t i = 0;
    while (i < SUITE_LANES_MAX && is_idle(&suite->lanes[i]))
        i++;
    if (i == SUITE_LANES_MAX)
        end(suite);
}

/* ---- a test begins ---- */

static void check_time(struct suite *suite)
{
    if (span_is_over(&suite->span))
        halt_note(&suite->halt, HALT_TOTAL_TIMEOUT, "The time limit for all tests was reached");
}

static void wait_for_retry(struct suite *suite, struct lane *lane)
{
    lane->is_waiting = true;
    timer_start(suite->timers, &lane->retry, span_limit_ms(&suite->span, RETRY_MS));
}

/* Count the test for the key's limits. The first lane uses the submission's place. If another lane
 * finds no place, it leaves its test to others. Returns false if the test cannot begin now. */
static bool may_begin(struct suite *suite, struct lane *lane, struct claim *claim)
{
    bool is_first = lane == suite->lanes;
    *claim = (struct claim){0};
    if (!suite->account || lane->tried_ms > 0 || (is_first && lane->index == 0))
        return true;
    uint64_t wait_ms =
        account_extend(suite->account, &suite->key, clock_now_ms(), !is_first, claim);
    if (wait_ms == UINT64_MAX && lane->index + 1 == suite->next)
        suite->next--;
    else if (wait_ms > 0)
        wait_for_retry(suite, lane);
    return wait_ms == 0;
}

/* Send the lane's test, if it may begin now. Returns false when it was refused. */
static bool send(struct suite *suite, struct lane *lane, struct error *err)
{
    struct claim claim;
    struct job job = suite->job;
    if (!may_begin(suite, lane, &claim))
        return true;
    if (lane->tried_ms == 0)
        lane->tried_ms = clock_now_ms();
    job.timeout_ms = span_limit_ms(&suite->span, job.timeout_ms);
    job.queue_timeout_ms = span_limit_ms(&suite->span, job.queue_timeout_ms);
    const struct attempt_terms terms = {.executions = suite->all->executions,
                                        .plan = &suite->plan,
                                        .index = lane->index,
                                        .job = &job,
                                        .output_encoding = suite->output_encoding};
    if (attempt_begin(&lane->attempt, &terms, &claim, err))
        return true;
    claim_end(&claim, clock_now_ms());
    return false;
}

/* Returns true if a refused test should be tried again. Called only after a test has had a box. */
static bool has_hope(const struct suite *suite, const struct lane *lane, enum error_kind kind)
{
    uint64_t next_ms = clock_now_ms() + RETRY_MS;
    bool may_pass =
        kind == ERR_BUSY || kind == ERR_ENGINE || (kind == ERR_SYSTEM && !lane->was_in_box);
    return may_pass && !halt_is_set(&suite->halt) &&
           next_ms < lane->tried_ms + suite->job.queue_timeout_ms &&
           !span_ends_before(&suite->span, next_ms);
}

static void go_on(struct suite *suite, struct lane *lane);

static void retry_or_stop(struct suite *suite, struct lane *lane, const struct error *why)
{
    check_time(suite);
    if (has_hope(suite, lane, why->kind)) {
        lane->was_in_box = lane->was_in_box || why->kind == ERR_SYSTEM;
        wait_for_retry(suite, lane);
        return;
    }
    halt_note(&suite->halt, HALT_NOT_STARTED, why->text);
    if (report_stop(suite, lane))
        go_on(suite, lane);
}

/* Begin the lane's next test, or end the suite with its last lane. The caller must then return. */
static void go_on(struct suite *suite, struct lane *lane)
{
    struct error err;
    if (suite->next < suite->plan.count)
        check_time(suite);
    if (halt_is_set(&suite->halt) || suite->next >= suite->plan.count) {
        end_if_idle(suite);
        return;
    }
    lane->index = suite->next++;
    lane->tried_ms = 0;
    lane->was_in_box = false;
    if (!send(suite, lane, &err))
        retry_or_stop(suite, lane, &err);
}

static void on_retry(void *arg)
{
    struct lane *lane = arg;
    struct suite *suite = lane->attempt.owner;
    struct error err;
    lane->is_waiting = false;
    check_time(suite);
    if (!halt_is_set(&suite->halt) && send(suite, lane, &err))
        return;
    if (!halt_is_set(&suite->halt))
        retry_or_stop(suite, lane, &err);
    else if (report_stop(suite, lane))
        go_on(suite, lane);
}

/* ---- more lanes ---- */

static void widen_after(struct suite *suite, uint32_t ms)
{
    if (suite->all->width > 1 && !halt_is_set(&suite->halt) && suite->next < suite->plan.count)
        timer_start(suite->timers, &suite->widening, ms);
}

/* A test took wall_ns. Open a lane at once if the rest will take long even with all lanes. */
static void widen_for_rest(struct suite *suite, uint64_t wall_ns)
{
    uint64_t rest_ns = (suite->plan.count - suite->next) * wall_ns;
    if (rest_ns / suite->all->width > WIDEN_MS * NS_PER_MS)
        widen_after(suite, 0);
}

static void on_widening(void *arg)
{
    struct suite *suite = arg;
    uint32_t i = 0;
    widen_after(suite, WIDEN_MS);
    while (i < suite->all->width && !is_idle(&suite->lanes[i]))
        i++;
    if (i == suite->all->width || halt_is_set(&suite->halt) || suite->next >= suite->plan.count)
        return;
    go_on(suite, &suite->lanes[i]);
}

/* ---- events of attempts ---- */

/* If this test is the first to get a box or to start, report that for the whole suite. Returns
 * false if the suite has ended. */
static bool note_start(struct suite *suite, const struct transcript *run)
{
    if (run->has_box && !suite->span.has_begun) {
        span_begin(&suite->span, suite->total_timeout_ms);
        widen_after(suite, WIDEN_MS);
        execution_sink.on_paired(suite->execution, run->queue_ns, run->start);
    }
    if (!run->has_started || suite->has_started)
        return true;
    suite->has_started = true;
    suite->busy_depth++;
    execution_sink.on_started(suite->execution, false);
    return settle(suite);
}

static void on_said(struct attempt *attempt, const struct transcript *run)
{
    note_start(attempt->owner, run);
}

static void on_judged(struct attempt *attempt)
{
    struct suite *suite = attempt->owner;
    struct lane *lane = (struct lane *)attempt; /* the attempt is its first member */
    if (!note_start(suite, attempt->run))
        return;
    widen_for_rest(suite, attempt->run->outcome.wall_ns);
    if (attempt->judge.verdict != REPORT_PASSED && suite->stops_on_failure)
        halt_note(&suite->halt, HALT_STOP_ON, "An earlier test did not pass");
    if (!report_run(suite, lane, &attempt->judge))
        return;
    suite->held_bytes -= test_plan_forget(&suite->plan, lane->index);
    execution_hold(suite->execution, suite->held_bytes);
    go_on(suite, lane);
}

static void on_refused(struct attempt *attempt, const struct error *why, uint32_t retry_ms)
{
    struct suite *suite = attempt->owner;
    struct execution *execution = suite->execution;
    if (suite->span.has_begun) {
        retry_or_stop(suite, (struct lane *)attempt, why);
        return;
    }
    suite_free(suite);
    execution_sink.on_refused(execution, why, retry_ms);
}

static const struct attempt_events attempt_events = {
    .on_said = on_said, .on_refused = on_refused, .on_judged = on_judged};

/* ---- the driver of its execution ---- */

static void report_stopped(struct suite *suite, struct lane *lane, const char *reason,
                           const char *why)
{
    static const struct judge unknown = {.verdict = REPORT_FAILED};
    struct attempt *attempt = &lane->attempt;
    bool was_idle = is_idle(lane);
    lane->is_waiting = false;
    timer_stop(suite->timers, &lane->retry);
    if (!attempt_cancel(attempt)) {
        if (!was_idle)
            report_not_run(suite, lane->index, reason, why);
        return;
    }
    note_start(suite, attempt->run);
    if (why && attempt->run->is_canceled) {
        attempt->run->is_canceled = false;
        snprintf(attempt->run->outcome.text, sizeof attempt->run->outcome.text, "%s", why);
    }
    report_run(suite, lane, &unknown);
}

static void on_stop(void *arg, const char *reason, const char *why)
{
    struct suite *suite = arg;
    suite->busy_depth++;
    for (size_t i = 0; reason && i < SUITE_LANES_MAX; i++)
        report_stopped(suite, &suite->lanes[i], reason, why);
    if (reason)
        report_rest(suite, reason, why);
    suite->busy_depth--;
    suite_free(suite);
}

static const struct driver driver = {.on_stop = on_stop};

/* ---- the interface ---- */

static struct suite *suite_new(struct suites *all, const struct suite_terms *terms,
                               struct account *account)
{
    struct suite *suite = calloc(1, sizeof *suite);
    if (!suite)
        return NULL;
    *suite = (struct suite){
        .all = all,
        .timers = &all->executions->reactor->timers,
        .plan = *terms->plan,
        .job = *terms->job,
        .output_encoding = terms->output_encoding,
        .excerpt.kind = terms->excerpt,
        .stops_on_failure = terms->stops_on_failure,
        .total_timeout_ms = terms->total_timeout_ms,
        .account = terms->key ? account : NULL,
        .next = 1,
        .widening = {.on_due = on_widening, .arg = suite},
        .held_bytes = sizeof *suite + test_plan_bytes(terms->plan),
    };
    if (terms->key)
        suite->key = *terms->key;
    suite->job.source = suite->job.stdin_data = (struct bytes){0}; /* the plan has both */
    for (size_t i = 0; i < SUITE_LANES_MAX; i++) {
        attempt_init(&suite->lanes[i].attempt, &all->judging, &attempt_events, suite);
        suite->lanes[i].retry = (struct timer){.on_due = on_retry, .arg = &suite->lanes[i]};
    }
    *terms->plan = (struct test_plan){.cases = NULL};
    return suite;
}

struct execution *suite_begin(struct suites *suites, const struct suite_terms *terms,
                              struct claim *claim, struct error *err)
{
    struct job all = *terms->job;
    all.timeout_ms = terms->total_timeout_ms;
    all.line_buffered = true; /* so that messages do not blame missing output on buffering */
    const struct execution_terms shared = {.job = &all,
                                           .tests_count = (uint32_t)terms->plan->count};
    struct suite *suite = suite_new(suites, terms, claim->account);
    if (!suite) {
        test_plan_release(terms->plan);
        error_set(err, ERR_SYSTEM, "%s", PROBLEM_NO_MEMORY);
        return NULL;
    }
    struct execution *execution =
        execution_begin_driven(suites->executions, &shared, suite->job.box_scope, &driver, suite,
                               suite->held_bytes, claim, err);
    suite->execution = execution;
    if (!execution)
        suite_free(suite);
    else if (send(suite, suite->lanes, err))
        return execution;
    else
        execution_drop_unheard(execution); /* this frees the suite, too */
    return NULL;
}
