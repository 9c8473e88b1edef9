#include "unit.h"

#include "common/histogram.h"

static const struct histogram_scale small = {.bounds_count = 3, .bounds = {0, 10, 100}};

static void a_bound_belongs_to_the_range_below_it(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    const uint64_t numbers[] = {0, 1, 10, 11, 100, 101, 1000};
    for (size_t i = 0; i < COUNT(numbers); i++)
        histogram_add(&histogram, &small, numbers[i]);
    assert_int_equal(histogram.counts[0], 1);
    assert_int_equal(histogram.counts[1], 2);
    assert_int_equal(histogram.counts[2], 2);
    assert_int_equal(histogram.counts[3], 2);
    assert_int_equal(histogram.sum, 1223);
}

static void bounds_rise(void **state)
{
    (void)state;
    const struct histogram_scale *scales[] = {&histogram_seconds, &histogram_bytes};
    for (size_t s = 0; s < COUNT(scales); s++) {
        assert_in_range(scales[s]->bounds_count, 1, HISTOGRAM_BOUNDS_MAX);
        for (size_t i = 1; i < scales[s]->bounds_count; i++)
            check(scales[s]->bounds[i] > scales[s]->bounds[i - 1], "scale %zu, bound %zu", s, i);
    }
}

static void assert_comes_back(const struct histogram *histogram,
                              const struct histogram_scale *scale, size_t expected_len)
{
    uint8_t bytes[HISTOGRAM_MAX_BYTES];
    struct histogram again = {.sum = 4711};
    size_t len = histogram_encode(histogram, scale, bytes);
    assert_int_equal(len, expected_len);
    assert_true(histogram_decode(bytes_of(bytes, len), scale, &again));
    assert_memory_equal(histogram, &again, sizeof(again));
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    assert_comes_back(&histogram, &small, 5); /* empty: a byte a number */
    histogram.counts[0] = 127;
    histogram.counts[1] = 128;
    histogram.counts[2] = 16384;
    histogram.counts[3] = UINT64_MAX;
    histogram.sum = UINT64_MAX - 1;
    assert_comes_back(&histogram, &small, 1 + 2 + 3 + 10 + 10);
    struct histogram full = {.sum = UINT64_MAX};
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        full.counts[i] = UINT64_MAX;
    assert_comes_back(&full, &histogram_seconds, HISTOGRAM_MAX_BYTES);
}

static void what_is_cut_longer_or_too_large_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[HISTOGRAM_MAX_BYTES + 1];
    struct histogram histogram = {.counts = {1, 300, 0, UINT64_MAX}, .sum = 70000};
    struct histogram untouched = {.sum = 4711};
    size_t len = histogram_encode(&histogram, &small, bytes);
    for (size_t cut = 0; cut < len; cut++)
        check(!histogram_decode(bytes_of(bytes, cut), &small, &untouched), "cut at %zu", cut);
    bytes[len] = 0;
    assert_false(histogram_decode(bytes_of(bytes, len + 1), &small, &untouched));
    assert_false(histogram_decode(bytes_of(bytes, len), &histogram_seconds, &untouched));
    static const uint8_t wide[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0x02, 0,    0,    0,    0};
    assert_false(histogram_decode(bytes_of(wide, sizeof(wide)), &small, &untouched));
    assert_int_equal(untouched.sum, 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_belongs_to_the_range_below_it),
        cmocka_unit_test(bounds_rise),
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(what_is_cut_longer_or_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
