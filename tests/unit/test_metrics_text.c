#include "unit.h"

#include "front/api/metrics_text.h"
#include "front/metrics.h"

static struct buf front, broker, text;
static struct samples samples;

static int set_up(void **state)
{
    (void)state;
    buf_init(&front, SAMPLES_MAX_BYTES);
    buf_init(&broker, SAMPLES_MAX_BYTES);
    buf_init(&text, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&front);
    buf_release(&broker);
    buf_release(&text);
    return 0;
}

static const char *written(void)
{
    struct bytes senders[] = {buf_bytes(&front), buf_bytes(&broker)};
    assert_true(metrics_text_write(&text, senders, COUNT(senders)));
    assert_true(buf_append(&text, "", 1));
    return (const char *)buf_bytes(&text).data;
}

static void a_metric_of_both_comes_once(void **state)
{
    (void)state;
    samples_begin(&samples, &broker);
    samples_put(&samples, METRIC_PROCESS_OPEN_FDS, LABELS("broker"), 12);
    samples_put(&samples, METRIC_RUNS_WAITING, LABELS(NULL), 3);
    samples_begin(&samples, &front);
    samples_put(&samples, METRIC_PROCESS_OPEN_FDS, LABELS("front"), 9);
    assert_string_equal(written(), "# HELP mayfly_runs_waiting Runs that wait for a box.\n"
                                   "# TYPE mayfly_runs_waiting gauge\n"
                                   "mayfly_runs_waiting 3\n"
                                   "# HELP process_open_fds Open descriptors.\n"
                                   "# TYPE process_open_fds gauge\n"
                                   "process_open_fds{role=\"front\"} 9\n"
                                   "process_open_fds{role=\"broker\"} 12\n");
}

static void a_histogram_is_cumulative_in_base_units(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, &histogram_bytes, 0);
    histogram_add(&histogram, &histogram_bytes, 100);
    histogram_add(&histogram, &histogram_bytes, 100000000);
    samples_begin(&samples, &broker);
    samples_put_histogram(&samples, METRIC_RUN_OUTPUT, LABELS("stdout"), &histogram);
    const char *all = written();
#define BUCKET "\nmayfly_run_output_bytes_bucket{stream=\"stdout\",le="
    assert_non_null(strstr(all, "# TYPE mayfly_run_output_bytes histogram" BUCKET "\"0\"} 1" BUCKET
                                "\"64\"} 1" BUCKET "\"256\"} 2" BUCKET "\"1024\"} 2"));
    assert_non_null(strstr(all, BUCKET "\"67108864\"} 2" BUCKET "\"+Inf\"} 3"
                                       "\nmayfly_run_output_bytes_sum{stream=\"stdout\"} 100000100"
                                       "\nmayfly_run_output_bytes_count{stream=\"stdout\"} 3\n"));
}

static void nanoseconds_are_shown_as_seconds(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, &histogram_seconds, 2500000);
    samples_begin(&samples, &broker);
    samples_put_histogram(&samples, METRIC_BOX_START_DURATION, LABELS(NULL), &histogram);
    samples_put(&samples, METRIC_PROCESS_CPU, LABELS("broker"), UINT64_C(12345678901234567890));
    const char *all = written();
    assert_non_null(strstr(all, "mayfly_box_start_duration_seconds_bucket{le=\"0.0001\"} 0\n"));
    assert_non_null(strstr(all, "mayfly_box_start_duration_seconds_bucket{le=\"0.0025\"} 1\n"));
    assert_non_null(strstr(all, "mayfly_box_start_duration_seconds_bucket{le=\"60\"} 1\n"));
    assert_non_null(strstr(all, "mayfly_box_start_duration_seconds_sum 0.002500000\n"));
    assert_non_null(strstr(all, "{role=\"broker\"} 12345678901.234567890\n"));
}

static void percents_are_shown_as_a_ratio(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, &histogram_percents, 100);
    histogram_add(&histogram, &histogram_percents, 5);
    samples_begin(&samples, &broker);
    samples_put_histogram(&samples, METRIC_RUN_WARMTH, LABELS("python"), &histogram);
    const char *all = written();
#define RATIO "mayfly_run_warmth_ratio"
    assert_non_null(strstr(all, RATIO "_bucket{runtime=\"python\",le=\"0\"} 0\n"));
    assert_non_null(strstr(all, RATIO "_bucket{runtime=\"python\",le=\"0.1\"} 1\n"));
    assert_non_null(strstr(all, RATIO "_bucket{runtime=\"python\",le=\"0.99\"} 1\n"));
    assert_non_null(strstr(all, RATIO "_bucket{runtime=\"python\",le=\"1\"} 2\n"));
    assert_non_null(strstr(all, RATIO "_sum{runtime=\"python\"} 1.05\n"));
}

static void labels_are_escaped(void **state)
{
    (void)state;
    samples_begin(&samples, &broker);
    samples_put(&samples, METRIC_BOXES, LABELS("a\"b\\c\nd"), 1);
    assert_non_null(strstr(written(), "mayfly_boxes{state=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

static void too_little_room_leaves_nothing(void **state)
{
    (void)state;
    samples_begin(&samples, &front);
    samples_put(&samples, METRIC_RUNS_WAITING, LABELS(NULL), 3);
    struct bytes senders[] = {buf_bytes(&front)};
    struct buf small;
    buf_init(&small, 80);
    assert_true(buf_append_string(&small, "x"));
    assert_false(metrics_text_write(&small, senders, 1));
    assert_int_equal(small.len, 1);
    buf_release(&small);
}

static void the_fronts_own(void **state)
{
    (void)state;
    static struct metrics metrics;
    metrics_answered(&metrics, "/livez", "GET", 200, 1000);
    metrics_answered(&metrics, "/livez", "GET", 200, 1000);
    metrics_answered(&metrics, NULL, NULL, 404, 1000);
    metrics_refused(&metrics, 400);
    metrics_run_ended(&metrics, true, 3000000);
    metrics.connections_accepted = 5;
    samples_begin(&samples, &front);
    metrics_report(&metrics, &samples);
    assert_true(samples.ok);
    const char *all = written();
#define REQUESTS "mayfly_http_requests_total{route="
    assert_non_null(strstr(all, REQUESTS "\"/livez\",method=\"GET\",status=\"200\"} 2\n"));
    assert_non_null(strstr(all, REQUESTS "\"none\",method=\"none\",status=\"404\"} 1\n"));
    assert_non_null(strstr(all, REQUESTS "\"none\",method=\"none\",status=\"400\"} 1\n"));
    assert_non_null(strstr(all, "duration_seconds_count{route=\"/livez\"} 2\n"));
    assert_non_null(strstr(all, "mayfly_run_overhead_seconds_count{start=\"warm\"} 1\n"));
    assert_non_null(strstr(all, "mayfly_run_overhead_seconds_count{start=\"cold\"} 0\n"));
    assert_non_null(strstr(all, "mayfly_http_connections_accepted_total 5\n"));
}

/* With more routes and statuses than the table has entries, every answer is still counted, and the
 * text fits. */
static void what_is_too_much_is_counted_in_the_last_place(void **state)
{
    (void)state;
    static struct metrics metrics;
    static char routes[METRICS_ROUTES_MAX + 10][32];
    const int statuses_count = METRICS_ANSWERS_MAX / METRICS_ROUTES_MAX + 1;
    uint64_t answers = 0, durations = 0;
    for (size_t i = 0; i < COUNT(routes); i++) {
        memset(routes[i], 'a' + (int)i % 26, sizeof(routes[i]) - 1);
        routes[i][0] = (char)('A' + (int)i / 26);
        for (int status = 200; status < 200 + statuses_count; status++)
            metrics_answered(&metrics, routes[i], "GET", status, UINT64_C(1) << 40);
    }
    for (size_t i = 0; i < METRICS_ANSWERS_MAX; i++)
        answers += metrics.answers[i].count;
    for (size_t i = 0; i < METRICS_ROUTES_MAX * (HISTOGRAM_BOUNDS_MAX + 1); i++)
        durations += metrics.durations[i / (HISTOGRAM_BOUNDS_MAX + 1)]
                         .histogram.counts[i % (HISTOGRAM_BOUNDS_MAX + 1)];
    assert_int_equal(answers, COUNT(routes) * (size_t)statuses_count);
    assert_int_equal(durations, answers);
    samples_begin(&samples, &front);
    metrics_report(&metrics, &samples);
    assert_true(samples.ok);
    assert_non_null(written());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_metric_of_both_comes_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_histogram_is_cumulative_in_base_units, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nanoseconds_are_shown_as_seconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(percents_are_shown_as_a_ratio, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_are_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_little_room_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_fronts_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_much_is_counted_in_the_last_place, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
