#include "unit.h"

#include <stdio.h>

#include "broker/pool/order.h"

static struct order order;

static int set_up(void **state)
{
    (void)state;
    order = (struct order){.now = 0};
    return 0;
}

static void one_owner_is_served_as_it_comes(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 5; i++)
        assert_true(order_take(&order, "") == i);
    order_serve(&order, 3);
    assert_true(order_take(&order, "") == 6);
}

static void a_newcomer_waits_for_one_run_of_each(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        order_take(&order, "crowd");
    order_serve(&order, 7);
    assert_true(order_take(&order, "new") == 8);
    assert_true(order_take(&order, "new") == 9);
    assert_true(order_take(&order, "crowd") == 1001);
}

static void who_was_served_is_a_newcomer_again(void **state)
{
    (void)state;
    assert_true(order_take(&order, "a") == 1);
    order_serve(&order, 1);
    order_serve(&order, 20);
    assert_true(order_take(&order, "a") == 21);
    order_serve(&order, 19); /* a run of another shelf is served late: `now` does not decrease */
    assert_true(order_take(&order, "b") == 21);
}

static void what_was_given_back_is_not_held_against_its_owner(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        order_take(&order, "a");
    for (int i = 0; i < 10; i++)
        order_give_back(&order, "a");
    order_give_back(&order, "nobody");
    assert_true(order_take(&order, "a") == 1);
}

static void more_owners_than_there_is_room_for_are_newcomers(void **state)
{
    (void)state;
    char name[16];
    for (int i = 0; i < ORDER_OWNERS_MAX + 2; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_true(order_take(&order, name) == 1);
    }
    assert_true(order.owners_count == ORDER_OWNERS_MAX);
    assert_true(order_take(&order, name) == 1);
    order_serve(&order, 1);
    /* the other owners are forgotten, so there is an entry for this one */
    assert_true(order_take(&order, name) == 2);
    assert_true(order.owners_count == 1);
}

int main(void)
{
#define test(function) cmocka_unit_test_setup(function, set_up)
    const struct CMUnitTest tests[] = {
        test(one_owner_is_served_as_it_comes),
        test(a_newcomer_waits_for_one_run_of_each),
        test(who_was_served_is_a_newcomer_again),
        test(what_was_given_back_is_not_held_against_its_owner),
        test(more_owners_than_there_is_room_for_are_newcomers),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
