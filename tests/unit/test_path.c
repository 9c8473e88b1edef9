#include "unit.h"

#include <stdio.h>

#include "common/path.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A255 A50 A50 A50 A50 A50 "aaaaa"

static void what_names_a_file_has_no_fault(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "a",        "a/b",
        ".a",       "..a",
        "a..",      "...",
        "a b",      "a\\b",
        "\xC3\xA9", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o",
        A255,       A255 "/" A255 "/" A255 "/" A255,
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *fault = path_fault(bytes_of_string(rows[i]));
        check(!fault, "%s: %s", rows[i], fault);
        check(path_is_plain(bytes_of_string(rows[i])), "%s", rows[i]);
    }
}

static void each_fault_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *path, *fault;
        bool is_plain;
    } rows[] = {
        {"", "must be between 1 and 1024 bytes long", false},
        {A255 "/" A255 "/" A255 "/" A255 "/b", "must be between 1 and 1024 bytes long", false},
        {"/", "must be relative to /box", false},
        {"/etc/passwd", "must be relative to /box", false},
        {"a/", "must not end with a slash", false},
        {".", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"..", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"../a", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"a/../b", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"a/./b", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"a//b", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"a/..", "must not have a segment that is empty, \".\" or \"..\"", false},
        {"a" A255, "must not have a segment of more than 255 bytes", false},
        {"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "must have at most 15 segments", false},
        {"a\nb", "must not contain a control character", true},
        {"\x7F", "must not contain a control character", true},
        {"a\xC2\x85", "must not contain a control character", true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *fault = path_fault(bytes_of_string(rows[i].path));
        check(fault, "%s", rows[i].path);
        assert_string_equal(fault, rows[i].fault);
        check(path_is_plain(bytes_of_string(rows[i].path)) == rows[i].is_plain, "%s", rows[i].path);
    }
    assert_non_null(path_fault(bytes_of("a\0b", 3)));
    assert_false(path_is_plain(bytes_of("a\0b", 3)));
    assert_false(path_is_plain(bytes_of(NULL, 0)));
}

static void segments_come_one_by_one(void **state)
{
    (void)state;
    struct bytes path = bytes_of_string("ab/c//d"), segment;
    static const char *const segments[] = {"ab", "c", "", "d"};
    for (size_t i = 0; i < COUNT(segments); i++) {
        assert_true(path_next(&path, &segment));
        check(bytes_equal_string(segment, segments[i]), "%zu", i);
    }
    assert_false(path_next(&path, &segment));
}

static void below_is_below_a_whole_segment(void **state)
{
    (void)state;
    assert_true(path_is_below(bytes_of_string("a/b/c"), bytes_of_string("a")));
    assert_true(path_is_below(bytes_of_string("a/b/c"), bytes_of_string("a/b")));
    assert_false(path_is_below(bytes_of_string("ab/c"), bytes_of_string("a")));
    assert_false(path_is_below(bytes_of_string("a"), bytes_of_string("a")));
    assert_false(path_is_below(bytes_of_string("a"), bytes_of_string("a/b")));
    assert_false(path_is_below(bytes_of_string("b/c"), bytes_of_string("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_a_file_has_no_fault),
        cmocka_unit_test(each_fault_is_told),
        cmocka_unit_test(segments_come_one_by_one),
        cmocka_unit_test(below_is_below_a_whole_segment),
    };
    return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
