#include "unit.h"

#include "common/number.h"

struct row {
    const char *text;
    bool ok;
    uint64_t number;
};

/* Check that each row's text is parsed to its number, or refused without writing a number. */
static void check_rows(bool (*parse)(const char *text, size_t len, uint64_t *number),
                       const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = 4711;
        bool ok = parse(rows[i].text, strlen(rows[i].text), &number);
        check(ok == rows[i].ok, "\"%s\"", rows[i].text);
        check(number == (ok ? rows[i].number : 4711), "\"%s\"", rows[i].text);
    }
}

static void parses_decimal_digits_only(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", true, 0},
        {"7", true, 7},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"+1", false, 0},
        {"-1", false, 0},
        {"0x5", false, 0},
        {"5,5", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"\xD9\xA1", false, 0},
    };
    check_rows(number_parse_uint, rows, COUNT(rows));
}

static void takes_the_length_not_the_nul(void **state)
{
    (void)state;
    uint64_t number;
    assert_true(number_parse_uint("123", 2, &number));
    assert_int_equal(number, 12);
    assert_false(number_parse_uint("1\0", 2, &number));
    assert_true(number_parse_millis("1.2345", 4, &number));
    assert_int_equal(number, 1230);
}

static void parses_thousandths(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", true, 0},
        {"1", true, 1000},
        {"1.5", true, 1500},
        {"1.05", true, 1050},
        {"0.005", true, 5},
        {"1.000", true, 1000},
        {"18446744073709550", true, UINT64_C(18446744073709550000)},
        {"18446744073709552", false, 0},
        {"1.0005", false, 0},
        {"1.", false, 0},
        {".5", false, 0},
        {".", false, 0},
        {"", false, 0},
        {"1.5.1", false, 0},
        {"-1", false, 0},
        {"1.-5", false, 0},
        {"1e1", false, 0},
        {"nan", false, 0},
    };
    check_rows(number_parse_millis, rows, COUNT(rows));
}

static void parses_sizes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"0", true, 0},
        {"1000", true, 1000},
        {"64KiB", true, 65536},
        {"256MiB", true, 256 << 20},
        {"1024MiB", true, 1 << 30},
        {"16777215TiB", true, UINT64_C(16777215) << 40},
        {"16777216TiB", false, 0},
        {"", false, 0},
        {"MiB", false, 0},
        {"1MB", false, 0},
        {"1mib", false, 0},
        {"1 MiB", false, 0},
        {"1.5GiB", false, 0},
        {"-1", false, 0},
    };
    check_rows(number_parse_bytes, rows, COUNT(rows));
    const char *unit;
    assert_int_equal(number_in_unit(1 << 30, &unit), 1);
    assert_string_equal(unit, "GiB");
    assert_int_equal(number_in_unit(1025, &unit), 1025);
    assert_string_equal(unit, "");
    assert_int_equal(number_in_unit(0, &unit), 0);
    assert_string_equal(unit, "");
}

static const struct {
    const char *text;
    bool is_number;
    double number;
} reals[] = {
    {"0", true, 0},      {"-1.5", true, -1.5}, {"+.5", true, 0.5},  {"5.", true, 5},
    {"1e3", true, 1000}, {"1E-2", true, 0.01}, {"", false, 0},      {".", false, 0},
    {"-", false, 0},     {"1e", false, 0},     {"1e+", false, 0},   {"e1", false, 0},
    {"0x10", false, 0},  {"1 ", false, 0},     {" 1", false, 0},    {"inf", false, 0},
    {"nan", false, 0},   {"1e999", false, 0},  {"1.2.3", false, 0}, {"1_000", false, 0},
};

static void parses_numbers_as_programs_print_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(reals); i++) {
        double number = 77;
        bool is_number = number_parse_real(reals[i].text, strlen(reals[i].text), &number);
        check(is_number == reals[i].is_number, "row %zu", i);
        check(number == (is_number ? reals[i].number : 77), "row %zu", i);
    }
    char text[NUMBER_REAL_MAX_BYTES + 2];
    double number;
    memset(text, '0', sizeof text);
    assert_true(number_parse_real(text, NUMBER_REAL_MAX_BYTES, &number));
    assert_false(number_parse_real(text, NUMBER_REAL_MAX_BYTES + 1, &number));
}

static void thousandths_are_written_as_people_do(void **state)
{
    (void)state;
    char text[NUMBER_MILLIS_BYTES];
    assert_string_equal(number_format_millis(text, 30000), "30");
    assert_string_equal(number_format_millis(text, 1500), "1.5");
    assert_string_equal(number_format_millis(text, 50), "0.05");
    assert_string_equal(number_format_millis(text, 1001), "1.001");
    assert_string_equal(number_format_millis(text, 100000), "100");
    assert_string_equal(number_format_millis(text, 0), "0");
    assert_string_equal(number_format_millis(text, UINT64_MAX), "18446744073709551.615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_decimal_digits_only),
        cmocka_unit_test(takes_the_length_not_the_nul),
        cmocka_unit_test(parses_thousandths),
        cmocka_unit_test(parses_sizes),
        cmocka_unit_test(parses_numbers_as_programs_print_them),
        cmocka_unit_test(thousandths_are_written_as_people_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
