#include "unit.h"

#include "common/percent.h"

static void two_hex_digits_are_a_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text, *decoded; /* NULL: it is not percent-encoded */
        bool is_query;
    } rows[] = {
        {"", "", false},           {"a/b", "a/b", false},    {"%41%2f%C3%a4", "A/\xc3\xa4", false},
        {"a+b%2B", "a+b+", false}, {"a+b%2B", "a b+", true}, {"%", NULL, false},
        {"%4", NULL, false},       {"%4g", NULL, false},     {"%g4", NULL, false},
        {"%%41", NULL, false},     {"abcde", NULL, false}, /* too long for the buffer */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 4);
        struct bytes text = bytes_of_string(rows[i].text);
        bool is_fine =
            rows[i].is_query ? percent_decode_query(text, &out) : percent_decode(text, &out);
        check(is_fine == (rows[i].decoded != NULL), "%s", rows[i].text);
        if (is_fine)
            check(bytes_equal_string(buf_bytes(&out), rows[i].decoded), "%s", rows[i].text);
        buf_release(&out);
    }
}

static void a_nul_is_a_byte_too(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4);
    assert_true(percent_decode(bytes_of_string("a%00"), &out) && holds(&out, "a\0"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_hex_digits_are_a_byte),
                                       cmocka_unit_test(a_nul_is_a_byte_too)};
    return cmocka_run_group_tests_name("percent", tests, NULL, NULL);
}
