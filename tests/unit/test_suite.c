/* Suites, with a link that only records calls: tests that are refused, and suites that lose their
 * listeners, their memory or their gateway.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "front/runs/suite.h"

/* ---- the link ---- */

#define RUNS_MAX 64

static struct {
    const struct run_sink *sink;
    void *arg;
    bool is_canceled;
} runs[RUNS_MAX]; /* by id, from 1 */
static uint64_t runs_count;
static unsigned scopes_ended, refusals_left;
static enum error_kind refusal;

bool link_submit(struct link *link, const struct run_spec *spec, const struct run_sink *sink,
                 void *arg, uint64_t *run_id, struct error *err)
{
    (void)link;
    (void)spec;
    if (refusals_left > 0) {
        refusals_left--;
        return error_set(err, refusal, "not now");
    }
    *run_id = ++runs_count;
    assert_true(runs_count < RUNS_MAX);
    runs[runs_count].sink = sink;
    runs[runs_count].arg = arg;
    runs[runs_count].is_canceled = false;
    return true;
}

void link_cancel(struct link *link, uint64_t run_id)
{
    (void)link;
    runs[run_id].is_canceled = true;
}

void link_interrupt(struct link *link, uint64_t run_id)
{
    (void)link;
    (void)run_id;
    fail();
}

void link_end_scope(struct link *link, uint64_t scope)
{
    (void)link;
    assert_int_equal(scope, 77);
    scopes_ended++;
}

/* ---- what every test has ---- */

static struct reactor reactor;
static struct executions executions;
static struct suites suites;
static uint64_t current_ms = 1000000;

uint64_t clock_now_ms(void)
{
    return current_ms;
}

uint64_t clock_now_ns(void)
{
    return current_ms * NS_PER_MS;
}

uint64_t clock_wall_ms(void)
{
    return current_ms;
}

uint64_t clock_cpu_ns(void)
{
    return 0;
}

int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms)
{
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

static void pass_ms(uint64_t ms)
{
    current_ms += ms;
    timers_fire(&reactor.timers);
}

struct ear {
    struct listener listener;
    bool leaves; /* at the next word */
};

static void on_said(struct listener *listener)
{
    const struct ear *ear = (const struct ear *)listener;
    if (ear->leaves)
        execution_detach(listener);
}

static struct ear ear;

static int set_up(void **state)
{
    (void)state;
    runs_count = scopes_ended = refusals_left = 0;
    executions = (struct executions){.reactor = &reactor, .unread.max_bytes = 1 << 20};
    suites = (struct suites){.executions = &executions, .judging.reactor = &reactor, .width = 1};
    ear = (struct ear){.listener = {.on_said = on_said}};
    return reactor_init(&reactor) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    execution_detach(&ear.listener);
    assert_int_equal(executions.unfinished.count, 0);
    assert_int_equal(executions.unread.bytes, 0);
    assert_int_equal(scopes_ended, 1);
    reactor_release(&reactor);
    return 0;
}

static struct execution *begin(size_t count, bool stops_on_failure)
{
    static const struct job job = {
        .timeout_ms = 1000, .queue_timeout_ms = 500, .output_bytes = 1000, .box_scope = 77};
    struct claim nobody = {.account = NULL};
    struct error err;
    struct test_plan plan = {.cases = calloc(count, sizeof *plan.cases), .count = count};
    assert_non_null(plan.cases);
    for (size_t i = 0; i < count; i++) {
        buf_init(&plan.cases[i].memory, 10);
        assert_true(buf_append_string(&plan.cases[i].memory, "ok"));
        plan.cases[i].stdout_text = buf_bytes(&plan.cases[i].memory);
    }
    const struct suite_terms terms = {.job = &job,
                                      .stops_on_failure = stops_on_failure,
                                      .total_timeout_ms = 10000,
                                      .plan = &plan};
    struct execution *execution = suite_begin(&suites, &terms, &nobody, &err);
    if (execution)
        execution_attach(execution, &ear.listener);
    return execution;
}

static void start(uint64_t id)
{
    runs[id].sink->on_paired(runs[id].arg, 1, START_WARM);
    runs[id].sink->on_started(runs[id].arg, false);
}

static void end(uint64_t id, const char *text)
{
    runs[id].sink->on_output(runs[id].arg, WIRE_STDOUT, bytes_of_string(text));
    runs[id].sink->on_end(runs[id].arg, &(struct outcome){.verdict = VERDICT_EXITED});
}

static void run(uint64_t id, const char *text)
{
    start(id);
    end(id, text);
}

static void refuse(uint64_t id, enum error_kind kind)
{
    struct error why;
    error_set(&why, kind, "no");
    runs[id].sink->on_refused(runs[id].arg, &why, 0);
}

static const struct transcript *heard(void)
{
    return execution_transcript(ear.listener.execution);
}

static uint32_t count(enum report_verdict verdict)
{
    return heard()->summary.counts[verdict];
}

/* ---- the tests ---- */

static void each_test_is_run_and_judged(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    run(1, "ok");
    run(2, "no");
    assert_int_equal(heard()->state, TRANSCRIPT_UNFINISHED);
    run(3, "ok\n");
    assert_int_equal(heard()->state, TRANSCRIPT_ENDED);
    assert_int_equal(count(REPORT_PASSED), 2);
    assert_int_equal(count(REPORT_WRONG), 1);
    assert_int_equal(heard()->outcome.exit_code, 1);
}

static void a_refusal_of_the_first_is_that_of_all(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    refuse(1, ERR_BUSY);
    assert_int_equal(heard()->state, TRANSCRIPT_REFUSED);
    assert_int_equal(heard()->refusal_kind, ERR_BUSY);
    assert_int_equal(runs_count, 1);
}

static void a_link_that_refuses_the_first_is_an_error(void **state)
{
    (void)state;
    refusals_left = 1;
    refusal = ERR_ENGINE;
    assert_null(begin(3, false));
}

static void a_later_refusal_is_tried_again_for_the_queue_timeout(void **state)
{
    (void)state;
    assert_non_null(begin(2, false));
    run(1, "ok");
    refuse(2, ERR_BUSY);
    assert_int_equal(runs_count, 2);
    pass_ms(100);
    assert_int_equal(runs_count, 3);
    refuse(3, ERR_ENGINE);
    pass_ms(100);
    run(4, "ok");
    assert_int_equal(count(REPORT_PASSED), 2);
    assert_int_equal(heard()->outcome.verdict, VERDICT_EXITED);
}

static void then_it_and_the_rest_have_not_run(void **state)
{
    (void)state;
    assert_non_null(begin(4, false));
    run(1, "ok");
    refusals_left = 100;
    refusal = ERR_BUSY;
    refuse(2, ERR_BUSY);
    for (int i = 0; i < 5; i++)
        pass_ms(100);
    assert_int_equal(heard()->state, TRANSCRIPT_ENDED);
    assert_int_equal(heard()->outcome.verdict, VERDICT_LOST);
    assert_int_equal(count(REPORT_NOT_RUN), 3);
    refusals_left = 0;
}

static void a_box_that_refuses_has_one_successor(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    run(1, "ok");
    refuse(2, ERR_SYSTEM);
    pass_ms(100);
    refuse(3, ERR_SYSTEM);
    assert_int_equal(count(REPORT_NOT_RUN), 2);
}

static void a_suite_that_lasts_has_more_lanes(void **state)
{
    (void)state;
    suites.width = 3;
    assert_non_null(begin(5, false));
    start(1);
    pass_ms(100);
    assert_int_equal(runs_count, 2);
    start(2);
    pass_ms(100);
    pass_ms(100);
    assert_int_equal(runs_count, 3);
    run(3, "ok");
    end(2, "ok"); /* out of order */
    run(4, "ok");
    end(1, "ok");
    run(5, "no");
    const struct report *report = heard()->by_index;
    for (uint32_t i = 0; i < 5; i++, report = report->by_index)
        assert_int_equal(report->index, i);
    assert_null(report);
    assert_int_equal(heard()->reports->index, 2); /* the first that came */
}

static void many_tests_that_are_short_have_more_lanes_at_once(void **state)
{
    (void)state;
    static const struct outcome ended = {.verdict = VERDICT_EXITED, .wall_ns = 10 * NS_PER_MS};
    suites.width = 3;
    assert_non_null(begin(40, false));
    start(1);
    runs[1].sink->on_end(runs[1].arg, &ended); /* 390 ms are left: 130 for each lane */
    assert_int_equal(runs_count, 2);
    pass_ms(1);
    assert_int_equal(runs_count, 3);
    start(2);
    runs[2].sink->on_end(runs[2].arg, &ended);
    pass_ms(1);
    assert_int_equal(runs_count, 5);
    execution_detach(&ear.listener);
}

static void few_that_are_short_share_a_lane(void **state)
{
    (void)state;
    static const struct outcome ended = {.verdict = VERDICT_EXITED, .wall_ns = 10 * NS_PER_MS};
    suites.width = 3;
    assert_non_null(begin(30, false));
    start(1);
    runs[1].sink->on_end(runs[1].arg, &ended);
    pass_ms(99);
    assert_int_equal(runs_count, 2);
    execution_detach(&ear.listener);
}

static void a_failure_ends_it_when_what_runs_has_ended(void **state)
{
    (void)state;
    suites.width = 2;
    assert_non_null(begin(5, true));
    start(1);
    pass_ms(100);
    run(2, "no");
    assert_int_equal(heard()->state, TRANSCRIPT_UNFINISHED);
    end(1, "ok");
    assert_int_equal(count(REPORT_NOT_RUN), 3);
    assert_string_equal(heard()->last_report->reason, "stop_on");
}

/* If the last listener detaches during a report, the suite is freed. */
static void it_goes_with_its_last_listener(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    start(1);
    ear.leaves = true;
    end(1, "ok");
    assert_null(ear.listener.execution);
    assert_int_equal(runs_count, 1);
}

static void it_goes_with_its_last_listener_at_the_start(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    ear.leaves = true;
    start(1);
    assert_null(ear.listener.execution);
    assert_true(runs[1].is_canceled);
}

static void a_cancel_says_what_has_run(void **state)
{
    (void)state;
    suites.width = 2;
    struct execution *execution = begin(4, false);
    run(1, "ok");
    start(2);
    pass_ms(100);
    execution_cancel(execution);
    assert_int_equal(count(REPORT_PASSED), 1);
    assert_int_equal(count(REPORT_FAILED), 1); /* 2 */
    assert_int_equal(count(REPORT_NOT_RUN), 2);
    assert_true(heard()->is_canceled && runs[2].is_canceled && runs[3].is_canceled);
}

static void the_gateway_s_stop_says_what_has_run(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    run(1, "ok");
    start(2);
    executions_stop_all(&executions);
    assert_int_equal(heard()->state, TRANSCRIPT_ENDED);
    assert_int_equal(count(REPORT_PASSED), 1);
    assert_int_equal(count(REPORT_FAILED), 1);
    assert_int_equal(count(REPORT_NOT_RUN), 1);
}

static void a_stop_before_any_box_is_a_refusal(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    executions_stop_all(&executions);
    assert_int_equal(heard()->state, TRANSCRIPT_REFUSED);
}

/* When memory is needed, the largest suite is ended, with all its runs. */
static void it_gives_its_memory_to_others(void **state)
{
    (void)state;
    static const struct job other = {
        .owner = "other", .timeout_ms = 1, .queue_timeout_ms = 1, .output_bytes = 9000};
    struct ear another = {.listener = {.on_said = on_said}};
    struct buf frame = {.max_bytes = 1};
    struct claim nobody = {.account = NULL};
    struct error err;
    assert_non_null(begin(3, false));
    run(1, "ok");
    start(2);
    struct execution *execution = execution_begin(
        &executions, &(struct execution_terms){.job = &other, .frame = &frame}, &nobody, &err);
    execution_attach(execution, &another.listener);
    executions.unread.max_bytes = executions.unread.bytes + 10;
    static char text[2000];
    memset(text, 'x', sizeof text - 1);
    runs[3].sink->on_output(runs[3].arg, WIRE_STDOUT, bytes_of_string(text));
    assert_int_equal(heard()->state, TRANSCRIPT_ENDED);
    assert_int_equal(heard()->outcome.verdict, VERDICT_LOST);
    assert_true(runs[2].is_canceled);
    execution_detach(&another.listener);
}

static void its_time_is_the_tests_time(void **state)
{
    (void)state;
    assert_non_null(begin(3, false));
    start(1);
    pass_ms(9900);
    end(1, "ok");
    start(2);
    pass_ms(200);
    end(2, "ok");
    assert_int_equal(heard()->outcome.verdict, VERDICT_TIMEOUT);
    assert_string_equal(heard()->last_report->reason, "total_timeout");
    assert_int_equal(runs_count, 2);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(each_test_is_run_and_judged),
        test(a_refusal_of_the_first_is_that_of_all),
        test(a_link_that_refuses_the_first_is_an_error),
        test(a_later_refusal_is_tried_again_for_the_queue_timeout),
        test(then_it_and_the_rest_have_not_run),
        test(a_box_that_refuses_has_one_successor),
        test(a_suite_that_lasts_has_more_lanes),
        test(many_tests_that_are_short_have_more_lanes_at_once),
        test(few_that_are_short_share_a_lane),
        test(a_failure_ends_it_when_what_runs_has_ended),
        test(it_goes_with_its_last_listener),
        test(it_goes_with_its_last_listener_at_the_start),
        test(a_cancel_says_what_has_run),
        test(the_gateway_s_stop_says_what_has_run),
        test(a_stop_before_any_box_is_a_refusal),
        test(it_gives_its_memory_to_others),
        test(its_time_is_the_tests_time),
    };
    return cmocka_run_group_tests_name("suite", tests, NULL, NULL);
}
