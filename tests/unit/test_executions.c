#include "unit.h"

#include "front/api/executions.h"
#include "front/http/problem.h"

static void an_id_is_16_digits(void **state)
{
    (void)state;
    uint64_t id = 7;
    assert_true(executions_parse_id(bytes_of_string("0123456789abcdef"), &id));
    assert_true(id == UINT64_C(0x0123456789abcdef));
    assert_true(executions_parse_id(bytes_of_string("ffffffffffffffff"), &id));
    assert_true(id == UINT64_MAX);
    static const char *const bad[] = {"",
                                      "0",
                                      "0123456789abcde",
                                      "0123456789abcdef0",
                                      "0123456789ABCDEF",
                                      "0123456789abcdeg",
                                      "0x23456789abcdef",
                                      " 123456789abcdef",
                                      "+123456789abcdef"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check(!executions_parse_id(bytes_of_string(bad[i]), &id), "%s", bad[i]);
    assert_false(executions_parse_id(bytes_of("0123456\0"
                                              "89abcdef",
                                              16),
                                     &id));
    assert_true(id == UINT64_MAX);
}

static void a_wait_is_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        uint32_t wait_ms;
        const char *field; /* of the complaint; NULL: none */
    } rows[] = {
        {"", 0, NULL},
        {"wait=0", 0, NULL},
        {"wait=5", 5000, NULL},
        {"wait=0.25", 250, NULL},
        {"wait=60", 60000, NULL},
        {"wait=60.0", 60000, NULL},
        {"wait=60.001", 0, "wait"},
        {"wait=", 0, "wait"},
        {"wait=x", 0, "wait"},
        {"wait=-1", 0, "wait"},
        {"wait=1e1", 0, "wait"},
        {"wait=1&wait=2", 0, "wait"},
        {"wait=18446744073709551616", 0, "wait"},
        {"wait", 0, ""},
        {"Wait=1", 0, ""},
        {"x=1", 0, ""},
        {"&wait=1", 0, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct field_errors errors = {.count = 0};
        uint32_t wait_ms = 1;
        bool fine = executions_parse_wait(bytes_of_string(rows[i].query), &wait_ms, &errors);
        check(fine == !rows[i].field, "%s", rows[i].query);
        check(!fine || wait_ms == rows[i].wait_ms, "%s: %u", rows[i].query, wait_ms);
        check(errors.count == !fine, "%s", rows[i].query);
        if (rows[i].field)
            assert_string_equal(errors.entries[0].field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_16_digits),
        cmocka_unit_test(a_wait_is_seconds),
    };
    return cmocka_run_group_tests_name("executions", tests, NULL, NULL);
}
