#include "unit.h"

#include <stdio.h>

#include "front/http/problem.h"

static void a_problem_is_written_as_the_rfc_says(void **state)
{
    (void)state;
    struct field_errors errors = {.count = 0};
    struct buf out;
    field_errors_add(&errors, "timeout", "must be between %d and %d", 1, 30);
    buf_init(&out, 4096);
    assert_true(problem_write(&out, &(struct problem){.status = 422,
                                                      .code = "invalid_request",
                                                      .detail = "Some \"fields\".",
                                                      .errors = &errors}));
    assert_true(holds(&out, "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\","
                            "\"status\":422,\"detail\":\"Some \\\"fields\\\".\","
                            "\"code\":\"invalid_request\",\"errors\":[{\"field\":\"timeout\","
                            "\"message\":\"must be between 1 and 30\"}]}"));
    buf_release(&out);
}

static void the_largest_problem_fits_64_kib(void **state)
{
    (void)state;
    struct field_errors errors = {.count = 0};
    char field[200];
    struct buf out;
    memset(field, 1, sizeof field - 1); /* each becomes six bytes */
    field[sizeof field - 1] = '\0';
    for (int i = 0; i < 1000; i++)
        field_errors_add(&errors, field, "%s", field);
    assert_int_equal(errors.count, FIELD_ERRORS_MAX);
    assert_int_equal(errors.dropped_count, 1000 - FIELD_ERRORS_MAX);
    buf_init(&out, (size_t)64 << 10);
    assert_true(problem_write(
        &out, &(struct problem){.status = 422, .code = "x", .detail = "y", .errors = &errors}));
    buf_release(&out);
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    struct field_errors errors = {.count = 0};
    char field[200];
    size_t room = sizeof errors.entries[0].field - 1;
    memset(field, 'a', sizeof field - 1);
    field[sizeof field - 1] = '\0';
    memcpy(field + room - 1, "\xc3\xa9", 2);
    field_errors_add(&errors, field, "x");
    assert_int_equal(strlen(errors.entries[0].field), room - 1);
}

static void each_kind_of_error_has_its_status(void **state)
{
    (void)state;
    static const struct {
        enum error_kind kind;
        uint32_t retry_ms;
        int status;
        uint32_t retry_after_s;
        const char *code;
    } rows[] = {
        {ERR_BUSY, 1001, 503, 2, "busy"},
        {ERR_BUSY, 1000, 503, 1, "busy"},
        {ERR_BUSY, 0, 503, 1, "busy"},
        {ERR_BUSY, UINT32_MAX, 503, 4294968, "busy"},
        {ERR_DRAINING, 5000, 503, 5, "draining"},
        {ERR_ENGINE, 0, 503, 1, "engine_unavailable"},
        {ERR_INVALID, 5000, 422, 0, "invalid_request"},
        {ERR_GONE, 5000, 503, 5, "engine_unavailable"},
        {ERR_TIMEOUT, 0, 503, 1, "engine_unavailable"},
        {ERR_PROTOCOL, 0, 503, 1, "engine_unavailable"},
        {ERR_SYSTEM, 0, 500, 0, "internal_error"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error why = {rows[i].kind, "why"};
        struct problem got = problem_of_error(&why, rows[i].retry_ms);
        check(got.status == rows[i].status && strcmp(got.code, rows[i].code) == 0 &&
                  got.retry_after_s == rows[i].retry_after_s && got.detail == why.text,
              "%s, %u ms", error_kind_name(rows[i].kind), rows[i].retry_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_is_written_as_the_rfc_says),
        cmocka_unit_test(the_largest_problem_fits_64_kib),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(each_kind_of_error_has_its_status),
    };
    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
