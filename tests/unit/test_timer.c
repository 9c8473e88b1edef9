/* Timers against a clock of the test's own: each fires once, at its time, in order. */
#include "unit.h"

#include "common/timer.h"
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

static void pass(uint64_t ms)
{
    world_ms += ms;
    timers_fire(&timers);
}

static void fire_at_their_time_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        timer_start(&timers, &all[i], 1 + i * 7919 % 1000);
    for (size_t i = 0; i < COUNT_OF_TIMERS; i += 3)
        timer_stop(&timers, &all[i]);
    for (size_t i = 1; i < COUNT_OF_TIMERS; i += 3)
        timer_start(&timers, &all[i], 1 + i * 31 % 1000);
    uint64_t before_ms = world_ms;
    while (timers.first) {
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

static void those_of_one_time_fire_in_the_order_of_their_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        timer_start(&timers, &all[i * 7 % COUNT_OF_TIMERS], 10);
    pass(10);
    assert_int_equal(fired_count, COUNT_OF_TIMERS);
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        assert_ptr_equal(fired[i], &all[i * 7 % COUNT_OF_TIMERS]);
}

static void start_again(void *arg)
{
    note(arg);
    timer_start(&timers, arg, 0);
}

static void one_that_starts_again_at_once_waits_for_the_next_call(void **state)
{
    (void)state;
    all[0].on_due = start_again;
    assert_int_equal(timers_wait_ms(&timers, 10000), 10000);
    timer_start(&timers, &all[0], 0);
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

static void stop_the_next(void *arg)
{
    note(arg);
    timer_stop(&timers, (struct timer *)arg + 1);
    timer_start(&timers, &all[0], 0); /* not in this call */
}

static void a_callback_may_stop_any_timer(void **state)
{
    (void)state;
    all[1].on_due = all[3].on_due = stop_the_next;
    for (size_t i = 1; i < 6; i++)
        timer_start(&timers, &all[i], 1);
    pass(1);
    assert_int_equal(fired_count, 3);
    assert_true(fired[0] == &all[1] && fired[1] == &all[3] && fired[2] == &all[5]);
    pass(0);
    assert_int_equal(fired_count, 4);
    assert_null(timers.first);
}

/* Start, stop and let time pass, and look for the next one by hand. */
static void walks_at_random(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        struct timer *timer = &all[random >> 8 & 127];
        fired_count = 0;
        if (random >> 29 == 0)
            timer_stop(&timers, timer);
        else
            timer_start(&timers, timer, random >> 20 & 63);
        if (random >> 30 == 1)
            pass(random >> 16 & 7);
        uint64_t next_ms = UINT64_MAX;
        for (size_t i = 0; i < 128; i++) {
            if (timer_runs(&all[i]) && all[i].deadline_ms < next_ms)
                next_ms = all[i].deadline_ms;
        }
        for (size_t i = 0; i < fired_count; i++)
            check(!timer_runs(fired[i]) && fired[i]->deadline_ms <= world_ms, "step %d", step);
        int wait_ms = timers_wait_ms(&timers, 10000);
        check(wait_ms == (next_ms == UINT64_MAX ? 10000 : clock_until_ms(next_ms, world_ms)),
              "step %d: %d ms", step, wait_ms);
    }
    for (size_t i = 0; i < COUNT_OF_TIMERS; i++)
        timer_stop(&timers, &all[i]);
    assert_null(timers.first);
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
        cmocka_unit_test_setup(fire_at_their_time_in_order, set_up),
        cmocka_unit_test_setup(those_of_one_time_fire_in_the_order_of_their_start, set_up),
        cmocka_unit_test_setup(one_that_starts_again_at_once_waits_for_the_next_call, set_up),
        cmocka_unit_test_setup(a_callback_may_stop_any_timer, set_up),
        cmocka_unit_test_setup(walks_at_random, set_up),
        cmocka_unit_test(waits_double_up_to_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
