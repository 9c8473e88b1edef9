/* Comparisons: tables for each comparer, in steps of every size, and the part of a difference that
 * is shown.
 */
#include "unit.h"

#include <stdio.h>

#include "front/runs/comparison.h"

static enum comparison_result compare(struct comparison *comparison, size_t step_bytes)
{
    enum comparison_result result;
    for (size_t i = 0; i < 1 << 20; i++) {
        result = comparison_step(comparison, step_bytes);
        if (result != COMPARISON_MORE)
            return result;
    }
    fail_msg("it does not end");
    return COMPARISON_MORE;
}

#define TRIM                                                                                       \
    {                                                                                              \
        .kind = COMPARER_TRIM                                                                      \
    }
#define EXACT                                                                                      \
    {                                                                                              \
        .kind = COMPARER_EXACT                                                                     \
    }
#define TOKENS                                                                                     \
    {                                                                                              \
        .kind = COMPARER_TOKENS                                                                    \
    }
#define NUMBERS(most)                                                                              \
    {                                                                                              \
        .kind = COMPARER_NUMBERS, .tolerance = (most)                                              \
    }

static const struct {
    struct comparer comparer;
    const char *expected, *got;
    bool is_equal;
} pairs[] = {
    {TRIM, "", "", true},
    {TRIM, "a", "a", true},
    {TRIM, "a\n", "a", true},
    {TRIM, "a", "a\n\n \t\n", true},
    {TRIM, "", " \n \n", true},
    {TRIM, "a\nb", "a  \r\nb\t", true},
    {TRIM, "a \t\n\n b\n", "a\n\t\n b", true},
    {TRIM, "a\n\nb", "a\nb", false},
    {TRIM, "a\nb", "a\n\nb", false},
    {TRIM, "a b", "a  b", false},
    {TRIM, " a", "a", false},
    {TRIM, "a\n  b", "a\nb", false},
    {TRIM, "a", "b", false},
    {TRIM, "a", "", false},
    {TRIM, "", "a", false},
    {TRIM, "a", "ab", false},
    {TRIM, "ab", "a", false},
    {TRIM, "a\nb", "a", false},
    {TRIM, "a", "a \n \nb", false},
    {TRIM, "a \f\v\r\nb", "a\nb", true},
    {TRIM, "a\r\nb\r\n", "a\nb\n", true},
    {TRIM, "a\rb", "a\nb", false}, /* a lone CR ends no line */
    {TRIM, "a\r\r\n\r\n", "a", true},
    {TRIM, "\n\na", "a", false}, /* nothing is cut off at the beginning */
    {TRIM, "\xFF\xFE\n", "\xFF\xFE", true},
    {TRIM, "\xC3", "\xC3\xA9", false},
    {TRIM, "a\xC2\xA0", "a", false},        /* a no-break space is no white space */
    {TRIM, "\xC3\xA9", "e\xCC\x81", false}, /* the same letter, composed in another way */
    {EXACT, "\xFF", "\xFF", true},
    /* bytes that are not UTF-8 differ from their replacement character */
    {EXACT, "\xFF", "\xEF\xBF\xBD", false},
    {EXACT, "", "", true},
    {EXACT, "a\n", "a\n", true},
    {EXACT, "a\n", "a", false},
    {EXACT, "a", "a ", false},
    {EXACT, "a\r\n", "a\n", false},
    {TOKENS, "a b c", "  a\nb\t\tc \n", true},
    {TOKENS, "", " \n", true},
    {TOKENS, "a b", "a b c", false},
    {TOKENS, "a b c", "a b", false},
    {TOKENS, "ab", "a b", false},
    {TOKENS, "1", "1.0", false},
    {TOKENS, "a\r\nb", "a b", true},
    {TOKENS,
     "a\xC2\xA0"
     "b",
     "a b", false},
    {TOKENS, "\xFF \xFE", "\xFF\n\xFE", true},
    {TOKENS, "", "x", false},
    {TOKENS, "x", " \t", false},
    {NUMBERS(0), "1", "1.0", true},
    {NUMBERS(0), "1e3 -0.5", "1000 -.5", true},
    {NUMBERS(1e-6), "3.14159265", "3.1415929", true},
    {NUMBERS(1e-6), "3.14159265", "3.1416", false},
    {NUMBERS(0.5), "10", "15", true},
    {NUMBERS(0.5), "10", "15.1", false},
    {NUMBERS(0.5), "0", "0.5", true},
    {NUMBERS(0.5), "0", "0.51", false},
    {NUMBERS(1), "x 1", "x 2", true},
    {NUMBERS(1), "x", "y", false},
    {NUMBERS(1), "nan", "nan", true},
    {NUMBERS(1), "1", "nan", false},
    {NUMBERS(1), "1", "1e999", false},
    {NUMBERS(1), "1 2", "1", false},
    {NUMBERS(1), "1", "one", false},
    {NUMBERS(1), "0x10", "16", false},
    {NUMBERS(0), "0.1", "1e-1", true},
    {NUMBERS(0), "-0", "0", true},
    {NUMBERS(0), "+1", "1", true},
    {NUMBERS(0), "1", "1.0000001", false},
    {NUMBERS(0.01), "100", "101", true}, /* relative where the number is large */
    {NUMBERS(0.01), "100", "101.1", false},
    {NUMBERS(0.01), "-100", "-101", true},
    {NUMBERS(0.01), "0.001", "0.0109", true}, /* absolute where it is small */
    {NUMBERS(0.01), "0.001", "0.0111", false},
    {NUMBERS(0.01), "101.1", "100", false}, /* the tolerance is a part of the expected number */
    {NUMBERS(0.01), "1", "-1", false},
    {NUMBERS(1), "inf", "inf", true}, /* these are words, which must be equal */
    {NUMBERS(1), "inf", "1e308", false},
    {NUMBERS(1), "inf", "-inf", false},
    {NUMBERS(1), "nan", "NaN", false},
    {NUMBERS(1), "nan", "0", false},
    {NUMBERS(1), "1e999", "1e999", true},
    {NUMBERS(1), "1e999", "1e998", false},
    {NUMBERS(1), "1e308", "-1e308", false}, /* their difference is not a finite number */
    {NUMBERS(1), "1,5", "1.5", false},
    {NUMBERS(1), "1_000", "1000", false},
    {NUMBERS(1), "5%", "5.0%", false},
    {NUMBERS(0.1), "x=1", "x=1.05", false}, /* a token is a number only as a whole */
};

static void texts_are_equal_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        for (size_t step = 0; step < 6; step++) {
            struct comparison comparison =
                comparison_of(pairs[i].comparer, bytes_of_string(pairs[i].expected),
                              bytes_of_string(pairs[i].got));
            bool is_equal = compare(&comparison, step == 5 ? SIZE_MAX : step) == COMPARISON_EQUAL;
            check(is_equal == pairs[i].is_equal, "row %zu, steps of %zu", i, step);
        }
    }
}

static const struct {
    struct comparer comparer;
    const char *expected, *got;
    uint64_t line;
    const char *expected_shown, *got_shown; /* NULL: the text has ended */
} differences[] = {
    {TRIM, "a\nb\n", "a\nc  \n", 2, "b", "c"},
    {TRIM, "a\nb\n", "a\n", 2, "b", NULL},
    {TRIM, "a\n", "a\nb\n", 2, NULL, "b"},
    {TRIM, "a", "a\n\nb", 2, NULL, ""},
    {TRIM, "a\n\nb", "a\nb", 2, "", "b"},
    {TRIM, "", "x", 1, NULL, "x"},
    {TRIM, "x", "", 1, "x", NULL},
    {TRIM, "x", " \n", 1, "x", NULL},
    {TRIM, "ab", "abc", 1, "ab", "abc"},
    {TRIM, "a\r\nb\r\n", "a\nc\r\n", 2, "b", "c"},
    {TRIM, "a\nb\xFF", "a\nb\xFE", 2, "b\xFF", "b\xFE"},
    {EXACT, "a\r\n", "a\n", 1, "a\r\n", "a\n"},
    {EXACT, "", "\n", 1, NULL, "\n"},
    {TOKENS, "\xFF x", "\xFF y", 1, "x", "y"},
    {NUMBERS(0), "1\nnan", "1\nNaN", 2, "nan", "NaN"},
    {EXACT, "a\n", "a", 1, "a\n", "a"},
    {EXACT, "a\n", "a\nb", 2, NULL, "b"},
    {EXACT, "a\nb ", "a\nb", 2, "b ", "b"},
    {TOKENS, "a b\nc", "a b d", 2, "c", "d"},
    {TOKENS, "a b\nc", "a b", 2, "c", NULL},
    {TOKENS, "a b", "a\nb c", 1, NULL, "c"},
    {NUMBERS(1e-9), "1\n2\n3", "1 2 4", 3, "3", "4"},
};

static bool is_shown(struct bytes shown, const char *text)
{
    return text ? shown.data && bytes_equal_string(shown, text) : !shown.data;
}

static void the_first_difference_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(differences); i++) {
        struct comparison comparison =
            comparison_of(differences[i].comparer, bytes_of_string(differences[i].expected),
                          bytes_of_string(differences[i].got));
        assert_int_equal(compare(&comparison, 1), COMPARISON_DIFFERENT);
        struct difference found = comparison_difference(&comparison);
        check(found.line == differences[i].line, "row %zu: line %d", i, (int)found.line);
        check(is_shown(found.expected, differences[i].expected_shown), "row %zu: expected", i);
        check(is_shown(found.got, differences[i].got_shown), "row %zu: got", i);
    }
}

static uint8_t large[2][300000];

static void fill(uint8_t *text, const char *unit, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)unit[i % strlen(unit)];
}

/* A line, a token or white space of any length: each step stays short, and the position is
 * reported. */
static void nothing_in_a_text_is_too_long(void **state)
{
    (void)state;
    static const char *const units[] = {"x", " ", "\n", "x y\n", "1.5 ", "\xC3\xA9"};
    size_t len = sizeof large[0];
    for (size_t i = 0; i < COUNT(units); i++) {
        for (enum comparer_kind kind = COMPARER_TRIM; kind <= COMPARER_NUMBERS; kind++) {
            fill(large[0], units[i], len);
            fill(large[1], units[i], len);
            struct comparer comparer = {.kind = kind};
            struct comparison comparison =
                comparison_of(comparer, bytes_of(large[0], len), bytes_of(large[1], len));
            check(compare(&comparison, 1000) == COMPARISON_EQUAL, "unit %zu, %d", i, (int)kind);
            large[1][len - 2] = '#';
            comparison = comparison_of(comparer, bytes_of(large[0], len), bytes_of(large[1], len));
            check(compare(&comparison, 1000) == COMPARISON_DIFFERENT, "unit %zu, %d", i, (int)kind);
            struct difference found = comparison_difference(&comparison);
            assert_true(found.got.len <= DIFFERENCE_SHOWN_BYTES);
            assert_true(found.expected.len <= DIFFERENCE_SHOWN_BYTES);
            bool is_blank = strspn(units[i], " \n") == strlen(units[i]);
            assert_true(is_blank || kind >= COMPARER_TOKENS ||
                        memchr(found.got.data, '#', found.got.len));
        }
    }
}

/* Long equal texts are equal wherever their pieces begin. */
static void stretches_are_passed_over_in_step(void **state)
{
    (void)state;
    size_t len = 20000;
    for (enum comparer_kind kind = COMPARER_TRIM; kind <= COMPARER_NUMBERS; kind++) {
        fill(large[0], "some words, 1.25 \n", len);
        memcpy(large[1], " \n", 2);
        memmove(large[1] + (kind >= COMPARER_TOKENS ? 2 : 0), large[0], len);
        struct comparer comparer = {.kind = kind};
        struct comparison comparison =
            comparison_of(comparer, bytes_of(large[0], len),
                          bytes_of(large[1], len + (kind >= COMPARER_TOKENS ? 2 : 0)));
        assert_int_equal(compare(&comparison, 100), COMPARISON_EQUAL);
        large[1][15000] = large[1][15000] == '#' ? '+' : '#';
        comparison = comparison_of(comparer, bytes_of(large[0], len), bytes_of(large[1], len));
        assert_int_equal(compare(&comparison, 100), COMPARISON_DIFFERENT);
        uint64_t line = 1;
        for (size_t i = 0; i < 15000 - (kind >= COMPARER_TOKENS ? 2 : 0); i++)
            line += large[0][i] == '\n';
        assert_int_equal(comparison_difference(&comparison).line, line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_equal_or_not),
        cmocka_unit_test(the_first_difference_is_shown),
        cmocka_unit_test(nothing_in_a_text_is_too_long),
        cmocka_unit_test(stretches_are_passed_over_in_step),
    };
    return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
