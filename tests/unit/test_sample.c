#include "unit.h"

#include "common/sample.h"
#include "common/wire.h"

static struct buf buf;
static struct samples samples;
static struct sample sample;

static int set_up(void **state)
{
    (void)state;
    buf_init(&buf, 10000);
    samples_begin(&samples, &buf);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&buf);
    return 0;
}

static void the_catalogue_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < METRICS_COUNT; i++) {
        const struct metric *metric = metric_of((enum metric_id)i);
        check(metric->name && metric->help, "metric %d has no name or no help", i);
        if (!metric->name || !metric->help)
            return;
        for (int k = 0; k < i; k++)
            check(strcmp(metric->name, metric_of(k)->name) != 0, "%s is in there twice",
                  metric->name);
        size_t len = strlen(metric->help);
        check(len > 5 && metric->help[len - 1] == '.', "%s: help is no sentence", metric->name);
        check(metric->kind != METRIC_HISTOGRAM || metric->unit != METRIC_NUMBER,
              "%s: a histogram of what?", metric->name);
    }
}

static void samples_come_back(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, &histogram_seconds, 1000000);
    samples_put(&samples, METRIC_BOXES, LABELS("ready"), 4);
    samples_put(&samples, METRIC_BOXES, LABELS("running"), UINT64_MAX);
    samples_put(&samples, METRIC_RUNS_WAITING, LABELS(NULL), 7);
    samples_put_histogram(&samples, METRIC_RUN_DURATION, LABELS("python"), &histogram);
    samples_put(&samples, METRIC_BOXES, LABELS("removing"), 1); /* a second row is fine too */
    assert_true(samples.ok);

    struct samples_reader reader = samples_read(buf_bytes(&buf), METRIC_BOXES);
    static const struct {
        const char *state;
        uint64_t number;
    } boxes[] = {{"ready", 4}, {"running", UINT64_MAX}, {"removing", 1}};
    for (size_t i = 0; i < COUNT(boxes); i++) {
        assert_true(samples_next(&reader, &sample));
        assert_true(bytes_equal_string(sample.labels[0], boxes[i].state));
        assert_true(sample.number == boxes[i].number);
    }
    assert_false(samples_next(&reader, &sample));
    reader = samples_read(buf_bytes(&buf), METRIC_RUNS_WAITING);
    assert_true(samples_next(&reader, &sample));
    assert_int_equal(sample.number, 7);
    assert_false(samples_next(&reader, &sample));
    reader = samples_read(buf_bytes(&buf), METRIC_RUN_DURATION);
    assert_true(samples_next(&reader, &sample));
    assert_memory_equal(&sample.histogram, &histogram, sizeof(histogram));
    assert_false(samples_next(&reader, &sample));
    reader = samples_read(buf_bytes(&buf), METRIC_RUNS);
    assert_false(samples_next(&reader, &sample));
}

static void put_name(const char *name)
{
    assert_true(wire_put(&buf, WIRE_TAG_METRIC, name, strlen(name)));
}

static void put_label(const char *label)
{
    assert_true(wire_put(&buf, WIRE_TAG_LABEL, label, strlen(label)));
}

/* What another build may send: a metric of its own, more or fewer labels, another kind, other
 * ranges. */
static void what_is_not_known_is_passed_over(void **state)
{
    (void)state;
    const char *ours = metric_of(METRIC_BOXES)->name;
    put_name("mayfly_of_tomorrow");
    put_label("ready");
    assert_true(wire_put_u64(&buf, WIRE_TAG_NUMBER, 1));
    put_name(ours);
    assert_true(wire_put_u64(&buf, WIRE_TAG_NUMBER, 2));
    for (int i = 0; i < METRIC_LABELS_MAX + 1; i++)
        put_label("ready");
    assert_true(wire_put_u64(&buf, WIRE_TAG_NUMBER, 3));
    put_label("ready");
    assert_true(wire_put(&buf, WIRE_TAG_HISTOGRAM, "", 0));
    put_label("ready");
    assert_true(wire_put(&buf, WIRE_TAG_NUMBER, "short", 5));
    put_label("good");
    assert_true(wire_put_u64(&buf, WIRE_TAG_NUMBER, 4));
    put_name(metric_of(METRIC_BOX_START_DURATION)->name);
    assert_true(wire_put(&buf, WIRE_TAG_HISTOGRAM, "\0\0\0", 3));

    struct samples_reader reader = samples_read(buf_bytes(&buf), METRIC_BOXES);
    assert_true(samples_next(&reader, &sample));
    assert_true(bytes_equal_string(sample.labels[0], "good"));
    assert_int_equal(sample.number, 4);
    assert_false(samples_next(&reader, &sample));
    reader = samples_read(buf_bytes(&buf), METRIC_BOX_START_DURATION);
    assert_false(samples_next(&reader, &sample));
}

static void a_cut_list_ends(void **state)
{
    (void)state;
    samples_put(&samples, METRIC_BOXES, LABELS("ready"), 4);
    for (size_t len = 0; len < buf.len; len++) {
        struct samples_reader reader = samples_read(bytes_of(buf.data, len), METRIC_BOXES);
        check(!samples_next(&reader, &sample), "cut at %zu", len);
    }
}

static void a_full_buffer_is_noticed(void **state)
{
    (void)state;
    struct buf full;
    buf_init(&full, 60);
    samples_begin(&samples, &full);
    for (int i = 0; i < 10; i++)
        samples_put(&samples, METRIC_BOXES, LABELS("ready"), 4);
    assert_false(samples.ok);
    buf_release(&full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_catalogue_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(samples_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_list_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_buffer_is_noticed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
