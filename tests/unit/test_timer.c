/* Timers against a clock of the test's own: each fires once, at its time, in order. */
#include "unit.h"

#include "broker/loop/timer.h"
#include "common/backoff.h"
#include "common/clock.h"

static uint64_t world_ms = 1000;

uint64_t clock_now_ms(void)
{
    return world_ms;
}

int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms)
{
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

#define COUNT_OF_TIMERS 200
static struct timers timers;
static struct timer all[COUNT_OF_TIMERS];
static struct timer *fired[4 * COUNT_OF_TIMERS];
static size_t fired_count;

static void note(void *arg)
{
    fired[fired_count++] = arg;
}

static int set_up(void **state)
{
    (void)state;
    fired_count = 0;
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        all[i] = (struct timer){.on_due = note, .arg = &all[i]};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    timers_release(&timers);
    return 0;
}

static void pass(uint64_t ms)
{
    world_ms += ms;
    timers_fire(&timers);
}

static void fire_at_their_time_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        assert_true(timer_start(&timers, &all[i], (uint32_t)(1 + i * 7919 % 1000)));
    for (size_t i = 0; i < COUNT_OF_TIMERS; i += 3)
        timer_stop(&timers, &all[i]);
    for (size_t i = 1; i < COUNT_OF_TIMERS; i += 3)
        assert_true(timer_start(&timers, &all[i], (uint32_t)(1 + i * 31 % 1000)));
    uint64_t before_ms = world_ms;
    while (timers.count) {
        int wait_ms = timers_wait_ms(&timers, 10000);
        assert_true(wait_ms > 0);
        size_t before = fired_count;
        pass((uint64_t)wait_ms);
        assert_true(fired_count > before);
        for (; before < fired_count; before++)
            assert_int_equal(fired[before]->deadline_ms, world_ms);
    }
    assert_true(world_ms - before_ms <= 1000);
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++) {
        size_t times = 0;
        for (size_t k = 0; k < fired_count; k++)
            times += fired[k] == &all[i];
        check(times == (i % 3 != 0), "timer %zu fired %zu times", i, times);
        check(!timer_runs(&all[i]), "timer %zu runs", i);
    }
}

static void start_again(void *arg)
{
    note(arg);
    assert_true(timer_start(&timers, arg, 0));
}

static void one_that_starts_again_at_once_waits_for_the_next_call(void **state)
{
    (void)state;
    all[0].on_due = start_again;
    assert_int_equal(timers_wait_ms(&timers, 10000), 10000);
    assert_true(timer_start(&timers, &all[0], 0));
    assert_int_equal(timers_wait_ms(&timers, 10000), 0);
    pass(0);
    assert_int_equal(fired_count, 1);
    pass(0);
    assert_int_equal(fired_count, 2);
    timer_stop(&timers, &all[0]);
    timer_stop(&timers, &all[0]); /* no-op */
    pass(1000);
    assert_int_equal(fired_count, 2);
}

static void waits_double_up_to_the_longest(void **state)
{
    (void)state;
    struct backoff backoff = {.first_ms = 100, .most_ms = 1000};
    static const uint32_t waits_ms[] = {100, 200, 400, 800, 1000, 1000};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(waits_ms); i++)
            assert_int_equal(backoff_next(&backoff), waits_ms[i]);
        backoff_reset(&backoff);
    }
    struct backoff short_one = {.first_ms = 50, .most_ms = 20};
    assert_int_equal(backoff_next(&short_one), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fire_at_their_time_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_starts_again_at_once_waits_for_the_next_call,
                                        set_up, tear_down),
        cmocka_unit_test(waits_double_up_to_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
