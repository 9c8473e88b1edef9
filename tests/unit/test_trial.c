/* The judge of the programs that try to exceed a limit. */
#include "unit.h"

#include "broker/selftest/trial.h"

static const struct limits limits = {.memory_bytes = 1000000, .cpu_millis = 1500, .pids = 10};

static const struct {
    enum trial trial;
    const char *output;
    enum verdict verdict;
    bool ok;
} ends[] = {
    {TRIAL_MEMORY, "4194304\n", VERDICT_OOM, false}, /* more than the limit */
    {TRIAL_MEMORY, "999999\n", VERDICT_OOM, true},
    {TRIAL_MEMORY, "1000000\n", VERDICT_OOM, true},
    {TRIAL_MEMORY, "1000001\n", VERDICT_OOM, false},
    {TRIAL_MEMORY, "900000\n", VERDICT_LOST, false}, /* a client would not get the reason */
    {TRIAL_MEMORY, "900000\nrefused\n", VERDICT_EXITED, false},
    {TRIAL_MEMORY, "2000000\n", VERDICT_EXITED, false},
    {TRIAL_MEMORY, "900000\n", VERDICT_TIMEOUT, false},
    {TRIAL_MEMORY, "", VERDICT_OOM, false}, /* the program had not used so much */
    {TRIAL_MEMORY, "12", VERDICT_OOM, false},
    {TRIAL_PROCESSES, "10\nrefused\n", VERDICT_EXITED, true},
    {TRIAL_PROCESSES, "9\nrefused\n", VERDICT_EXITED, true},
    {TRIAL_PROCESSES, "11\nrefused\n", VERDICT_EXITED, false},
    {TRIAL_PROCESSES, "10\n", VERDICT_LOST, true},
    {TRIAL_PROCESSES, "10\n", VERDICT_OOM, true},
    {TRIAL_PROCESSES, "10\n11\n", VERDICT_LOST, false},
    /* it ended by itself before the limit refused anything */
    {TRIAL_PROCESSES, "10\n", VERDICT_EXITED, false},
    {TRIAL_PROCESSES, "refused\n", VERDICT_EXITED, false},
    {TRIAL_PROCESSES, "20\n", VERDICT_TIMEOUT, false},
    {TRIAL_THREADS, "10\nrefused\n", VERDICT_EXITED, true},
    {TRIAL_THREADS, "20\n", VERDICT_EXITED, false},
    {TRIAL_THREADS, "10\nrefused", VERDICT_EXITED, false}, /* half a line */
};

static void a_program_is_stopped_at_its_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct canary_check check;
        struct trial_evidence evidence = {.output = bytes_of_string(ends[i].output),
                                          .verdict = ends[i].verdict};
        trial_judge(ends[i].trial, &limits, &evidence, &check);
        check(check.ok == ends[i].ok, "row %zu: %s: %s", i, check.name, check.seen);
        check(!check.differs && check.expected[0] && check.seen[0], "row %zu", i);
    }
}

static void what_is_used_is_held_to_the_limit(void **state)
{
    (void)state;
    static const struct {
        uint64_t cpu_ms, wall_ms, periods;
        bool ok;
    } rows[] = {
        {3000, 2000, 20, true}, {3400, 2000, 20, true}, {4000, 2000, 20, false},
        {100, 2000, 20, true},  {3000, 2000, 0, false}, {0, 2000, 0, false},
        {0, 0, 20, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct canary_check check;
        struct trial_evidence evidence = {.usage = {.cpu_ns = rows[i].cpu_ms * 1000000,
                                                    .wall_ns = rows[i].wall_ms * 1000000,
                                                    .periods_count = rows[i].periods}};
        trial_judge(TRIAL_CPU, &limits, &evidence, &check);
        check(check.ok == rows[i].ok, "row %zu: %s", i, check.seen);
    }
}

static void an_early_loss_is_an_accident(void **state)
{
    (void)state;
    assert_false(trial_came_far(TRIAL_MEMORY, &limits, bytes_of_string("")));
    assert_false(trial_came_far(TRIAL_MEMORY, &limits, bytes_of_string("499999\n")));
    assert_true(trial_came_far(TRIAL_MEMORY, &limits, bytes_of_string("500000\n")));
    assert_true(trial_came_far(TRIAL_THREADS, &limits, bytes_of_string("3\n4\n5\n")));
}

static void programs_are_told_how_far_to_go(void **state)
{
    (void)state;
    static const struct {
        enum trial trial;
        const char *name, *most;
    } rows[] = {
        {TRIAL_MEMORY, "memory", "2000000"},
        {TRIAL_PROCESSES, "processes", "20"},
        {TRIAL_THREADS, "threads", "20"},
        {TRIAL_CPU, "cpu", "3"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        uint16_t tag;
        struct bytes value, rest;
        buf_init(&out, 200);
        assert_true(trial_put_args(rows[i].trial, &limits, &out));
        rest = buf_bytes(&out);
        assert_true(wire_next(&rest, &tag, &value) && bytes_equal_string(value, rows[i].name));
        assert_true(wire_next(&rest, &tag, &value) && bytes_equal_string(value, rows[i].most));
        assert_false(wire_next(&rest, &tag, &value));
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_stopped_at_its_limit),
        cmocka_unit_test(what_is_used_is_held_to_the_limit),
        cmocka_unit_test(an_early_loss_is_an_accident),
        cmocka_unit_test(programs_are_told_how_far_to_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
