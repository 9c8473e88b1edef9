/* Which execution is ended when memory for unread output is exhausted. */
#include "unit.h"

#include <stdlib.h>

#include "common/ledger.h"

#define HOLDERS 8

static struct holder {
    struct stake stake;
    uint64_t waited_ms;
    unsigned gave_way;
} holders[HOLDERS];
static struct ledger ledger;

static uint64_t waited_ms(const struct stake *stake)
{
    return ((const struct holder *)stake)->waited_ms; /* its first member */
}

static void on_give_way(struct stake *stake)
{
    assert_null(stake->ledger);
    ((struct holder *)stake)->gave_way++;
}

static int set_up(void **state)
{
    (void)state;
    ledger = (struct ledger){.max_bytes = 100};
    for (size_t i = 0; i < HOLDERS; i++)
        holders[i] = (struct holder){{.waited_ms = waited_ms, .on_give_way = on_give_way}, 0, 0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOLDERS; i++)
        ledger_leave(&holders[i].stake);
    assert_int_equal(ledger.bytes, 0);
    assert_int_equal(ledger.owners.count, 0);
    return 0;
}

static struct holder *enter(size_t i, const char *owner, uint64_t bytes, uint64_t waited)
{
    assert_true(ledger_enter(&ledger, &holders[i].stake, owner));
    holders[i].waited_ms = waited;
    assert_true(ledger_grow(&holders[i].stake, bytes));
    return &holders[i];
}

static void what_fits_is_granted(void **state)
{
    (void)state;
    struct holder *a = enter(0, "ann", 60, 0), *b = enter(1, "ann", 40, 0);
    assert_false(ledger_grow(&a->stake, 61));
    assert_int_equal(a->stake.bytes, 60);
    assert_true(ledger_grow(&b->stake, 10) && ledger_grow(&a->stake, 90));
    assert_int_equal(ledger.bytes, 100);
    assert_int_equal(a->gave_way + b->gave_way, 0);
}

static void one_that_is_not_in_it_has_no_room(void **state)
{
    (void)state;
    assert_false(ledger_grow(&holders[0].stake, 1));
    assert_true(ledger_grow(&holders[0].stake, 0));
    ledger_note(&holders[0].stake, 7);
    ledger_leave(&holders[0].stake);
    assert_int_equal(ledger.bytes, 0);
}

static void the_costliest_of_the_largest_gives_way(void **state)
{
    (void)state;
    struct holder *brief = enter(0, "ann", 30, 10), *lasting = enter(1, "ann", 10, 90);
    struct holder *quick = enter(2, "ann", 30, 0), *small = enter(3, "bob", 10, 1000);
    assert_true(ledger_grow(&enter(4, "cyd", 0, 0)->stake, 25));
    assert_int_equal(lasting->gave_way, 1);
    assert_true(ledger_grow(&holders[4].stake, 30));
    assert_int_equal(brief->gave_way + quick->gave_way + small->gave_way, 0);
    assert_true(ledger_grow(&holders[4].stake, 31));
    assert_int_equal(brief->gave_way, 1);
    assert_int_equal(quick->gave_way + small->gave_way, 0);
    assert_int_equal(ledger.gave_way_count, 2);
}

/* An execution with a quick reader is never ended for one of the same owner. For another owner, the
 * largest is ended. */
static void who_has_not_waited_gives_way_to_others_only(void **state)
{
    (void)state;
    struct holder *large = enter(0, "ann", 60, 0), *other = enter(1, "ann", 40, 0);
    assert_false(ledger_grow(&enter(2, "ann", 0, 0)->stake, 1));
    assert_true(ledger_grow(&enter(3, "bob", 0, 0)->stake, 50));
    assert_int_equal(large->gave_way, 1);
    assert_int_equal(other->gave_way, 0);
}

static void one_that_would_be_the_largest_gets_no_more(void **state)
{
    (void)state;
    struct holder *ann = enter(0, "ann", 50, 0), *bob = enter(1, "bob", 50, 0);
    assert_false(ledger_grow(&bob->stake, 51));
    assert_false(ledger_grow(&ann->stake, 51));
    assert_false(ledger_grow(&enter(2, "cyd", 0, 0)->stake, 101));
}

/* In a ledger without waiting times, the newest stake of the largest owner is ended. */
static void the_newest_of_the_largest_gives_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOLDERS; i++)
        holders[i].stake.waited_ms = NULL;
    struct holder *old = enter(0, "ann", 40, 0), *newer = enter(1, "ann", 10, 0);
    struct holder *bob = enter(2, "bob", 30, 0), *newest = enter(3, "ann", 20, 0);
    assert_true(ledger_grow(&enter(4, "cyd", 0, 0)->stake, 15));
    assert_int_equal(newest->gave_way, 1);
    assert_true(ledger_grow(&holders[4].stake, 25));
    assert_int_equal(newer->gave_way, 1);
    assert_int_equal(old->gave_way + bob->gave_way, 0);
    /* no stake is ended for its own owner or for the largest owner */
    assert_false(ledger_grow(&old->stake, 46));
    assert_true(ledger_grow(&bob->stake, 31));
    assert_int_equal(old->gave_way + bob->gave_way, 0);
    assert_false(ledger_grow(&bob->stake, 71));
    assert_true(ledger_grow(&holders[4].stake, 35));
    assert_int_equal(old->gave_way, 1);
}

/* A note is always accepted, even above the budget. The next one who grows then makes room for
 * it. */
static void a_note_asks_nobody(void **state)
{
    (void)state;
    struct holder *ann = enter(0, "ann", 50, 5), *bob = enter(1, "bob", 10, 0);
    ledger_note(&ann->stake, 150);
    assert_int_equal(ledger.bytes, 160);
    assert_int_equal(ann->gave_way, 0);
    assert_true(ledger_grow(&bob->stake, 11));
    assert_int_equal(ann->gave_way, 1);
    assert_int_equal(ledger.bytes, 11);
}

static void the_budget_holds_in_any_order(void **state)
{
    (void)state;
    static const char *const owners[] = {"ann", "bob", "cyd"};
    srandom(3);
    for (int i = 0; i < 100000; i++) {
        struct holder *holder = &holders[random() % HOLDERS];
        holder->waited_ms = (uint64_t)random() % 3;
        if (!holder->stake.ledger)
            assert_true(ledger_enter(&ledger, &holder->stake, owners[random() % 3]));
        else if (random() % 5 == 0)
            ledger_leave(&holder->stake);
        else
            ledger_grow(&holder->stake, (uint64_t)random() % 60);
        uint64_t sum = 0;
        for (size_t at = 0; at < HOLDERS; at++)
            sum += holders[at].stake.ledger ? holders[at].stake.bytes : 0;
        assert_int_equal(sum, ledger.bytes);
        assert_true(sum <= ledger.max_bytes);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_fits_is_granted),
        TEST(one_that_is_not_in_it_has_no_room),
        TEST(the_costliest_of_the_largest_gives_way),
        TEST(who_has_not_waited_gives_way_to_others_only),
        TEST(one_that_would_be_the_largest_gets_no_more),
        TEST(the_newest_of_the_largest_gives_way),
        TEST(a_note_asks_nobody),
        TEST(the_budget_holds_in_any_order),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
