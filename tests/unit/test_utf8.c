#include "unit.h"

#include "common/utf8.h"

#define ROW(text, valid, sane)                                                                     \
    {                                                                                              \
        text, sizeof(text) - 1, valid, sane, sizeof(sane) - 1                                      \
    }
#define FFFD "\xEF\xBF\xBD"

/* The results of Python's decode(errors="replace"). */
static const struct {
    const char *text;
    size_t len;
    size_t valid_prefix;
    const char *sane;
    size_t sane_len;
} rows[] = {
    ROW("", 0, ""),
    ROW("abc", 3, "abc"),
    ROW("a\0b", 3, "a\0b"),
    ROW("0123456789abcdef\xC3\xA9!", 19, "0123456789abcdef\xC3\xA9!"),
    ROW("\xC2\x80", 2, "\xC2\x80"),
    ROW("\xDF\xBF", 2, "\xDF\xBF"),
    ROW("\xE0\xA0\x80", 3, "\xE0\xA0\x80"),
    ROW("\xED\x9F\xBF", 3, "\xED\x9F\xBF"),
    ROW("\xEE\x80\x80", 3, "\xEE\x80\x80"),
    ROW("\xEF\xBF\xBF", 3, "\xEF\xBF\xBF"),
    ROW("\xF0\x90\x80\x80", 4, "\xF0\x90\x80\x80"),
    ROW("\xF4\x8F\xBF\xBF", 4, "\xF4\x8F\xBF\xBF"),
    /* stray continuations and bytes that never occur */
    ROW("\x80", 0, FFFD),
    ROW("a\xBFz", 1, "a" FFFD "z"),
    ROW("\xFE\xFF", 0, FFFD FFFD),
    ROW("\xF8\x88\x80\x80\x80", 0, FFFD FFFD FFFD FFFD FFFD),
    /* overlong */
    ROW("\xC0\xAF", 0, FFFD FFFD),
    ROW("\xC1\xBF", 0, FFFD FFFD),
    ROW("\xE0\x80\xAF", 0, FFFD FFFD FFFD),
    ROW("\xE0\x9F\xBF", 0, FFFD FFFD FFFD),
    ROW("\xF0\x8F\xBF\xBF", 0, FFFD FFFD FFFD FFFD),
    /* surrogates, past the end */
    ROW("\xED\xA0\x80", 0, FFFD FFFD FFFD),
    ROW("\xED\xBF\xBF", 0, FFFD FFFD FFFD),
    ROW("\xF4\x90\x80\x80", 0, FFFD FFFD FFFD FFFD),
    ROW("\xF5\x80\x80\x80", 0, FFFD FFFD FFFD FFFD),
    /* cut off: one replacement for the maximal part */
    ROW("\xC3", 0, FFFD),
    ROW("a\xE2\x82", 1, "a" FFFD),
    ROW("\xF0\x9F\x98", 0, FFFD),
    ROW("\xF0\x9F\x98zz", 0, FFFD "zz"),
    ROW("\xE2\x82\xE2\x82\xAC", 0, FFFD "\xE2\x82\xAC"),
    ROW("\xC3\xC3\xA9", 0, FFFD "\xC3\xA9"),
    /* Unicode's example, table 3-8 */
    ROW("a\xF1\x80\x80\xE1\x80\xC2"
        "b\x80"
        "c\x80\xBF"
        "d",
        1, "a" FFFD FFFD FFFD "b" FFFD "c" FFFD FFFD "d"),
};

static void finds_the_valid_prefix(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const uint8_t *data = (const uint8_t *)rows[i].text;
        size_t valid = utf8_valid_prefix(data, rows[i].len);
        check(valid == rows[i].valid_prefix, "row %zu: %zu", i, valid);
        check(utf8_is_valid(data, rows[i].len) == (valid == rows[i].len), "row %zu", i);
    }
}

/* An empty view may have no address. */
static void nothing_is_valid(void **state)
{
    (void)state;
    struct buf out = {.max_bytes = 10};
    assert_true(utf8_is_valid(NULL, 0));
    assert_int_equal(utf8_cut(NULL, 0), 0);
    assert_true(utf8_sanitize(&out, NULL, 0));
    assert_int_equal(out.len, 0);
}

static void sanitizes_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_true(buf_append_string(&out, "before:"));
        check(utf8_sanitize(&out, (const uint8_t *)rows[i].text, rows[i].len), "row %zu", i);
        buf_consume(&out, strlen("before:"));
        check(out.len == rows[i].sane_len, "row %zu: %zu bytes", i, out.len);
        check(memcmp(out.data + out.start, rows[i].sane, out.len) == 0, "row %zu", i);
        buf_release(&out);
    }
}

static void changes_nothing_when_the_cap_forbids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t cap = 0; cap < rows[i].sane_len; cap++) {
            struct buf out;
            buf_init(&out, cap + 1);
            assert_true(buf_append_string(&out, "!"));
            check(!utf8_sanitize(&out, (const uint8_t *)rows[i].text, rows[i].len), "row %zu", i);
            check(holds(&out, "!"), "row %zu", i);
            buf_release(&out);
        }
    }
}

static void cuts_before_an_incomplete_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t kept;
    } cuts[] = {
        {"", 0},
        {"abc", 3},
        {"a\xC3", 1},
        {"a\xC3\xA9", 3},
        {"a\xE2", 1},
        {"a\xE2\x82", 1},
        {"a\xE2\x82\xAC", 4},
        {"\xF0\x9F\x98", 0},
        {"a\xF0\x9F", 1},
        {"\xF0\x9F\x98\x80", 4},
        /* ill-formed whatever follows: kept */
        {"a\x80", 2},
        {"\x80\x80\x80\x80", 4},
        {"a\xC0", 2},
        {"a\xFF", 2},
        {"\xE0\x80", 2},
        {"\xED\xA0", 2},
        {"\xF4\x90", 2},
        {"\xF0\x9F\x98\x80\x80", 5},
        {"\xE2\x82\xC3", 2},
    };
    for (size_t i = 0; i < COUNT(cuts); i++) {
        size_t kept = utf8_cut((const uint8_t *)cuts[i].text, strlen(cuts[i].text));
        check(kept == cuts[i].kept, "row %zu: %zu", i, kept);
    }
}

/* If a text is cut anywhere by utf8_cut, and the next piece begins with the rest, the pieces joined
 * give the whole text.
 */
static void a_cut_text_goes_on_unharmed(void **state)
{
    (void)state;
    static const char text[] = "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80.";
    for (size_t at = 0; at < sizeof(text); at++) {
        size_t kept = utf8_cut((const uint8_t *)text, at);
        assert_true(kept <= at && at - kept <= 3);
        assert_true(utf8_is_valid((const uint8_t *)text, kept));
        assert_true(utf8_is_valid((const uint8_t *)text + kept, sizeof(text) - kept));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_valid_prefix),
        cmocka_unit_test(nothing_is_valid),
        cmocka_unit_test(sanitizes_as_python_does),
        cmocka_unit_test(changes_nothing_when_the_cap_forbids),
        cmocka_unit_test(cuts_before_an_incomplete_character),
        cmocka_unit_test(a_cut_text_goes_on_unharmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
