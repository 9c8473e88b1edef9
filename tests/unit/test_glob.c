#include "unit.h"

#include <stdio.h>

#include "common/glob.h"

static bool matches(const char *glob, const char *path)
{
    return glob_matches(bytes_of_string(glob), bytes_of_string(path));
}

static const struct {
    const char *glob, *path;
    bool named;
} namings[] = {
    {"a.csv", "a.csv", true},
    {"a.csv", "a.csvx", false},
    {"a.csv", "xa.csv", false},
    {"a.csv", "b/a.csv", false},
    {"*", "a", true},
    {"*", ".hidden", true},
    {"*", "a/b", false},
    {"*.csv", ".csv", true},
    {"*.csv", "a.csv", true},
    {"*.csv", "a.csv.csv", true},
    {"*.csv", "a.txt", false},
    {"*.csv", "d/a.csv", false},
    {"a*b*c", "abc", true},
    {"a*b*c", "aXbYbZc", true},
    {"a*b*c", "aXcYb", false},
    {"**", "a", true},
    {"**", "a/b/c", true},
    {"***", "a", true},
    {"***", "a/b", false},
    {"a**b", "aXYb", true},
    {"a**b", "a/b", false},
    {"**/*.csv", "a.csv", true},
    {"**/*.csv", "d/e/a.csv", true},
    {"**/*.csv", "d/e/a.csv/b", false},
    {"out/**", "out/a", true},
    {"out/**", "out/a/b/c", true},
    {"out/**", "out", false},
    {"out/**", "outer/a", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/x/y/c", false},
    {"a/**/b/**/c", "a/b/x/b/c", true},
    {"a/**/b/**/c", "a/x/c/b", false},
    {"**/**", "a", true},
    {"**/**/a", "a", true},
    {"*/*", "a/b", true},
    {"*/*", "a", false},
    {"?", "a", true},
    {"?", "\xC3\xA9", true},
    {"?", "\xF0\x9F\x98\x80", true},
    {"?", "ab", false},
    {"??", "\xC3\xA9", false},
    {"?", "\x80", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[a-c]x", "bx", true},
    {"[a-c]", "d", false},
    {"[!a-c]", "d", true},
    {"[!a-c]", "b", false},
    {"[]]", "]", true},
    {"[!]]", "]", false},
    {"[]a]", "a", true},
    {"[a-]", "-", true},
    {"[-a]", "-", true},
    {"[*]", "*", true},
    {"[*]", "a", false},
    {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true},
    {"[\xC3\xA0-\xC3\xBF]", "e", false},
    {"[a-\xC3\xA9]", "z", true},
    {"*[0-9].png", "plot-7.png", true},
    {"*[0-9].png", "plot-.png", false},
    {"\\*", "\\x", true},
    {"\\*", "*", false},
    {"[a", "[a", false}, /* no glob at all, but nothing breaks */
    {"{a,b}", "{a,b}", true},
};

static void paths_are_named_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(namings); i++)
        check(matches(namings[i].glob, namings[i].path) == namings[i].named, "%s of %s",
              namings[i].path, namings[i].glob);
}

static void a_directory_that_no_path_could_be_in_is_not_entered(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *directory;
        bool reaches;
    } rows[] = {
        {"*.csv", "d", false},       {"d/*.csv", "d", true},   {"d/*.csv", "e", false},
        {"d/*.csv", "d/d", false},   {"**", "a/b/c", true},    {"d/**/x", "d", true},
        {"d/**/x", "d/e/f", true},   {"d/**/x", "e/f", false}, {"*/x", "d", true},
        {"*/x", "d/e", false},       {"d", "d", false},        {"a/b/c", "a/b", true},
        {"a/b/c", "a/b/c/d", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(glob_reaches(bytes_of_string(rows[i].glob), bytes_of_string(rows[i].directory)) ==
                  rows[i].reaches,
              "%s into %s", rows[i].glob, rows[i].directory);
}

static void each_fault_is_told(void **state)
{
    (void)state;
    static const char unclosed[] = "must close each \"[\" with a \"]\" in the same segment";
    static const struct {
        const char *glob, *fault;
    } rows[] = {
        {"[a", unclosed},
        {"[]", unclosed},
        {"[!]", unclosed},
        {"a[b/c]", unclosed},
        {"[a]/[b", unclosed},
        {"/box/*", "must be relative to /box"},
        {"../*", "must not have a segment that is empty, \".\" or \"..\""},
        {"out/", "must not end with a slash"},
        {"", "must be between 1 and 1024 bytes long"},
        {"a\tb", "must not contain a control character"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *fault = glob_fault(bytes_of_string(rows[i].glob));
        check(fault, "%s", rows[i].glob);
        assert_string_equal(fault, rows[i].fault);
    }
    assert_null(glob_fault(bytes_of_string("out/**/[a-z]?*.csv")));
    assert_null(glob_fault(bytes_of_string("[]]/]")));
}

/* A naive matcher needs exponential time here. This must take less than a second. */
static void stars_cost_no_more_than_the_product_of_the_lengths(void **state)
{
    (void)state;
    char glob[PATH_BYTES_MAX + 1] = "", path[PATH_BYTES_MAX + 1] = "";
    for (size_t i = 0; i + 2 < 250; i += 2)
        snprintf(glob + i, sizeof glob - i, "*a");
    memset(path, 'a', 250);
    assert_true(matches(glob, path));
    path[249] = 'b';
    assert_false(matches(glob, path));
    glob[0] = path[0] = '\0';
    for (size_t i = 0; i < 7; i++)
        snprintf(glob + 5 * i, sizeof glob - 5 * i, "**/a/");
    for (size_t i = 0; i < 15; i++)
        snprintf(path + 2 * i, sizeof path - 2 * i, "a/");
    glob[34] = 'b';
    path[29] = '\0';
    assert_false(matches(glob, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_named_or_not),
        cmocka_unit_test(a_directory_that_no_path_could_be_in_is_not_entered),
        cmocka_unit_test(each_fault_is_told),
        cmocka_unit_test(stars_cost_no_more_than_the_product_of_the_lengths),
    };
    return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
