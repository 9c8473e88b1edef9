/* How urgently leased boxes are replaced, with a clock that the test controls. */
#include "unit.h"

#include "broker/pool/refill.h"
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

static struct timers timers;
static struct refill refill;

static int set_up(void **state)
{
    (void)state;
    refill_init(&refill, &timers);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    refill_release(&refill);
    return timers.first ? -1 : 0;
}

static enum plan_refill after(uint64_t ms)
{
    world_ms += ms;
    timers_fire(&timers);
    return refill_urgency(&refill);
}

static void an_empty_pool_is_filled_on_idle_cores(void **state)
{
    (void)state;
    assert_int_equal(refill_urgency(&refill), PLAN_REFILL_IDLE);
}

static void a_run_has_its_core_for_a_moment(void **state)
{
    (void)state;
    refill_note_lease(&refill, true);
    assert_int_equal(refill_urgency(&refill), PLAN_REFILL_NOT);
    assert_int_equal(after(9), PLAN_REFILL_NOT);
    refill_note_lease(&refill, false);
    assert_int_equal(after(1), PLAN_REFILL_IDLE);
}

static void grows_while_boxes_are_missing(void **state)
{
    (void)state;
    refill_note_lease(&refill, true);
    assert_int_equal(after(99), PLAN_REFILL_IDLE);
    assert_int_equal(after(1), PLAN_REFILL_LOW);
    assert_int_equal(after(899), PLAN_REFILL_LOW);
    assert_int_equal(after(1), PLAN_REFILL_ANY);
    assert_int_equal(after(100000), PLAN_REFILL_ANY);
}

static void leases_do_not_put_it_off(void **state)
{
    (void)state;
    refill_note_lease(&refill, true);
    for (int i = 0; i < 100; i++) {
        after(10);
        refill_note_lease(&refill, false);
    }
    assert_int_equal(after(10), PLAN_REFILL_ANY);
}

static void each_new_box_is_followed_by_a_wait(void **state)
{
    (void)state;
    refill_note_lease(&refill, true);
    after(100);
    assert_int_equal(after(900), PLAN_REFILL_ANY);
    refill_note_ready(&refill);
    assert_int_equal(refill_urgency(&refill), PLAN_REFILL_IDLE);
    assert_int_equal(after(100), PLAN_REFILL_LOW);
    assert_int_equal(after(900), PLAN_REFILL_ANY);
}

static void a_full_pool_owes_nothing(void **state)
{
    (void)state;
    refill_note_ready(&refill);
    after(100);
    assert_int_equal(after(100000), PLAN_REFILL_ANY);
    refill_note_lease(&refill, true);
    assert_int_equal(after(10), PLAN_REFILL_IDLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_pool_is_filled_on_idle_cores), TEST(a_run_has_its_core_for_a_moment),
        TEST(grows_while_boxes_are_missing),         TEST(leases_do_not_put_it_off),
        TEST(each_new_box_is_followed_by_a_wait),    TEST(a_full_pool_owes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
