#include "unit.h"

#include "broker/pool/box_patience.h"
#include "broker/pool/tenure.h"
#include "common/outcome.h"

static struct tenant of(const char *owner)
{
    return (struct tenant){.owner = owner};
}

static void a_box_is_its_first_owner_s_for_ever(void **state)
{
    (void)state;
    struct tenure tenure = {.runs_count = 0};
    assert_true(tenure_allows(&tenure, of("a"), 1)); /* a fresh box may serve any owner */
    assert_true(tenure_take(&tenure, of("a"), 3));
    assert_int_equal(tenure.end, RETIRED_NOT);
    static const char *const others[] = {"b", "", "A", "a ", "aa"};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct tenure before = tenure;
        check(!tenure_take(&tenure, of(others[i]), 1000), "%s", others[i]);
        assert_memory_equal(&before, &tenure, sizeof tenure);
    }
    assert_true(tenure_take(&tenure, of("a"), 3));
    assert_true(tenure_take(&tenure, of("a"), 3));
    assert_int_equal(tenure.end, RETIRED_NUMBER);
    assert_false(tenure_take(&tenure, of("a"), 3));
    assert_true(tenure_take(&tenure, of("a"), 4)); /* as the next run allows */
    assert_string_equal(tenure.owner, "a");
}

/* If no keys are configured, all callers are the owner "". */
static void nobody_in_particular_is_an_owner_too(void **state)
{
    (void)state;
    struct tenure tenure = {.runs_count = 0};
    assert_true(tenure_take(&tenure, of(""), 2));
    assert_false(tenure_take(&tenure, of("a"), 2));
    assert_true(tenure_take(&tenure, of(""), 2));
}

/* Nor do the runs of an owner that have no scope get a scope's box. */
static void a_scope_shares_with_no_other(void **state)
{
    (void)state;
    struct tenure tenure = {.runs_count = 0};
    assert_true(tenure_take(&tenure, (struct tenant){"a", 7, false}, 9));
    assert_false(tenure_take(&tenure, (struct tenant){"a", 8, false}, 9));
    assert_false(tenure_take(&tenure, of("a"), 9));
    assert_false(tenure_take(&tenure, (struct tenant){"b", 7, false}, 9));
    assert_true(tenure_take(&tenure, (struct tenant){"a", 7, false}, 9));
    struct tenure plain = {.runs_count = 0};
    assert_true(tenure_take(&plain, of("a"), 9));
    assert_false(tenure_take(&plain, (struct tenant){"a", 7, false}, 9));
}

static void a_session_has_its_box_for_all_its_runs(void **state)
{
    (void)state;
    static const struct tenant session = {"a", 7, true}, plain = {"a", 7, false};
    struct tenure tenure = {.runs_count = 0};
    for (int i = 0; i < 2000; i++)
        assert_true(tenure_take(&tenure, session, 1));
    assert_int_equal(tenure.end, RETIRED_NOT);
    assert_false(tenure_take(&tenure, plain, 5000));
    assert_false(tenure_take(&tenure, (struct tenant){"b", 7, true}, 1));
    assert_false(tenure_take(&tenure, (struct tenant){"a", 8, true}, 1));
    struct tenure kept = {.runs_count = 0};
    assert_true(tenure_take(&kept, plain, 9));
    assert_false(tenure_take(&kept, session, 9));
}

static void one_run_is_all_that_a_box_of_its_own_serves(void **state)
{
    (void)state;
    struct tenure tenure = {.runs_count = 0};
    assert_true(tenure_take(&tenure, of("a"), 1));
    assert_int_equal(tenure.end, RETIRED_NUMBER);
    assert_false(tenure_allows(&tenure, of("a"), 1));

    struct tenure kept = {.runs_count = 0};
    assert_true(tenure_take(&kept, of("a"), 5));
    assert_false(tenure_allows(&kept, of("a"), 1)); /* a run that asks for a box of its own */
}

static void only_a_good_end_speaks_for_another_run(void **state)
{
    (void)state;
    static const struct {
        struct outcome outcome;
        enum retirement why;
    } rows[] = {
        {{.verdict = VERDICT_EXITED}, RETIRED_NOT},
        {{.verdict = VERDICT_EXITED, .exit_code = 1}, RETIRED_NOT},
        {{.verdict = VERDICT_EXITED, .out = {5, 5}, .left_out_count = 3}, RETIRED_NOT},
        {{.verdict = VERDICT_EXITED, .out = {6, 5}}, RETIRED_OUTPUT},
        {{.verdict = VERDICT_EXITED, .err = {6, 5}}, RETIRED_OUTPUT},
        {{.verdict = VERDICT_EXITED, .oom_kills = 1}, RETIRED_OOM},
        {{.verdict = VERDICT_EXITED, .pids_refused_count = 1}, RETIRED_LIMIT},
        {{.verdict = VERDICT_EXITED, .inodes_limit = 1}, RETIRED_LIMIT},
        {{.verdict = VERDICT_EXITED, .room_bytes = 1}, RETIRED_LIMIT},
        {{.verdict = VERDICT_SIGNALED, .signal = 11}, RETIRED_SIGNAL},
        {{.verdict = VERDICT_TIMEOUT}, RETIRED_TIMEOUT},
        {{.verdict = VERDICT_OOM, .signal = 9}, RETIRED_OOM},
        {{.verdict = VERDICT_CPU_TIME}, RETIRED_CPU_TIME},
        {{.verdict = VERDICT_LOST}, RETIRED_LOST},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf payload;
        buf_init(&payload, 1000);
        assert_true(outcome_encode(&payload, &rows[i].outcome));
        enum retirement why = tenure_judge(buf_bytes(&payload));
        check(why == rows[i].why, "row %zu: %s", i, retirement_name(why));
        buf_release(&payload);
    }
    assert_int_equal(tenure_judge(bytes_of("", 0)), RETIRED_LOST);
}

static void every_reason_has_a_word_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < RETIREMENTS_COUNT; a++) {
        assert_non_null(retirement_name((enum retirement)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(retirement_name((enum retirement)a),
                                    retirement_name((enum retirement)b));
    }
}

static void a_used_box_waits_until_it_is_idle_or_old(void **state)
{
    (void)state;
    const struct box_patience patience = {.age_ms = 600, .idle_ms = 60};
    assert_int_equal(patience_idle_ms(&patience, 0), 60);
    assert_int_equal(patience_idle_ms(&patience, 540), 60);
    assert_int_equal(patience_idle_ms(&patience, 541), 59);
    assert_int_equal(patience_idle_ms(&patience, 600), 0);
    assert_int_equal(patience_idle_ms(&patience, 601), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_is_its_first_owner_s_for_ever),
        cmocka_unit_test(nobody_in_particular_is_an_owner_too),
        cmocka_unit_test(a_scope_shares_with_no_other),
        cmocka_unit_test(a_session_has_its_box_for_all_its_runs),
        cmocka_unit_test(one_run_is_all_that_a_box_of_its_own_serves),
        cmocka_unit_test(only_a_good_end_speaks_for_another_run),
        cmocka_unit_test(every_reason_has_a_word_of_its_own),
        cmocka_unit_test(a_used_box_waits_until_it_is_idle_or_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
