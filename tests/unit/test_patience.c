#include "unit.h"

#include "front/http/patience.h"

#define SECOND_BYTES PATIENCE_LEAST_RATE

static void it_runs_out_while_bytes_wait(void **state)
{
    (void)state;
    struct patience patience = {.timeout_ms = 1000};
    assert_int_equal(patience_left_ms(&patience, 5000), 1000);
    patience_begin(&patience, 5000);
    assert_int_equal(patience_left_ms(&patience, 5400), 600);
    patience_end(&patience, 5400);
    assert_int_equal(patience_left_ms(&patience, 9000), 600);
    patience_begin(&patience, 9000);
    assert_int_equal(patience_left_ms(&patience, 9599), 1);
    assert_int_equal(patience_left_ms(&patience, 9600), 0);
    assert_int_equal(patience_left_ms(&patience, 99000), 0);
}

/* The time limit of a message is the timeout plus its size at the least rate, in whatever parts it
 * arrives. */
static void what_is_read_buys_time(void **state)
{
    (void)state;
    struct patience patience = {.timeout_ms = 1000};
    uint64_t now_ms = 0;
    for (uint64_t part = 1; part <= 100; part++) {
        patience_begin(&patience, now_ms);
        assert_true(patience_left_ms(&patience, now_ms + 500) > 0);
        now_ms += 500;
        patience.read_bytes += SECOND_BYTES / 2;
        patience_end(&patience, now_ms);
        assert_int_equal(patience_left_ms(&patience, now_ms), 1000);
    }
    patience_begin(&patience, now_ms);
    assert_int_equal(patience_left_ms(&patience, now_ms + 1000), 0);
}

static void a_drip_does_not(void **state)
{
    (void)state;
    struct patience patience = {.timeout_ms = 1000};
    uint64_t now_ms = 0;
    for (int part = 0; patience_left_ms(&patience, now_ms) > 0; part++) {
        patience_begin(&patience, now_ms);
        now_ms += 900;
        patience.read_bytes += 16 << 10;
        patience_end(&patience, now_ms);
        assert_true(part < 2);
    }
}

static void slow_is_who_reads_little_for_long(void **state)
{
    (void)state;
    struct patience patience = {.timeout_ms = 30000};
    patience_begin(&patience, 0);
    assert_int_equal(patience_slow_ms(&patience, PATIENCE_SLOW_FROM_MS - 1), 0);
    assert_int_equal(patience_slow_ms(&patience, PATIENCE_SLOW_FROM_MS), PATIENCE_SLOW_FROM_MS);
    patience.read_bytes = 2 * PATIENCE_QUICK_RATE;
    assert_int_equal(patience_slow_ms(&patience, 2000), 0);
    assert_int_equal(patience_slow_ms(&patience, 4000), 4000);
}

static void begun_twice_is_begun_once(void **state)
{
    (void)state;
    struct patience patience = {.timeout_ms = 1000};
    patience_begin(&patience, 100);
    patience_begin(&patience, 300);
    assert_int_equal(patience_left_ms(&patience, 300), 800);
    patience_end(&patience, 400);
    patience_end(&patience, 900);
    assert_int_equal(patience_left_ms(&patience, 900), 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_out_while_bytes_wait),
        cmocka_unit_test(what_is_read_buys_time),
        cmocka_unit_test(a_drip_does_not),
        cmocka_unit_test(slow_is_who_reads_little_for_long),
        cmocka_unit_test(begun_twice_is_begun_once),
    };
    return cmocka_run_group_tests_name("patience", tests, NULL, NULL);
}
