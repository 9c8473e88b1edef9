#include "unit.h"

#include <errno.h>

#include "common/error.h"

static void sets_and_returns_false(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(error_set(&err, ERR_BUSY, "%d runs wait", 7));
    assert_int_equal(err.kind, ERR_BUSY);
    assert_string_equal(err.text, "7 runs wait");
    assert_false(error_set(NULL, ERR_BUSY, "nobody cares"));
}

static void prefixes_on_the_way_up(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, ERR_ENGINE, "refused");
    assert_false(error_prefix(&err, "start of box %d", 3));
    assert_false(error_prefix(&err, "pool"));
    assert_int_equal(err.kind, ERR_ENGINE);
    assert_string_equal(err.text, "pool: start of box 3: refused");
    assert_false(error_prefix(NULL, "x"));
}

static void cuts_what_is_too_long(void **state)
{
    (void)state;
    struct error err = {0};
    error_set(&err, ERR_SYSTEM, "%01000d", 1);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    error_prefix(&err, "front");
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    assert_memory_equal(err.text, "front: 000", 10);
    error_prefix(&err, "%01000d", 2);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void says_what_errno_said(void **state)
{
    (void)state;
    struct error err = {0};
    errno = ENOENT;
    assert_false(error_errno(&err, "open %s", "it"));
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.text, "open it: No such file or directory");
    assert_false(error_errno(NULL, "x"));
}

static void names_every_kind(void **state)
{
    (void)state;
    static const struct {
        enum error_kind kind;
        const char *name;
    } rows[] = {
        {ERR_NONE, "none"},
        {ERR_INVALID, "invalid"},
        {ERR_BUSY, "busy"},
        {ERR_DRAINING, "draining"},
        {ERR_ENGINE, "engine"},
        {ERR_GONE, "gone"},
        {ERR_TIMEOUT, "timeout"},
        {ERR_PROTOCOL, "protocol"},
        {ERR_SYSTEM, "system"},
        {ERR_SESSION_BUSY, "session_busy"},
        {ERR_SESSION_GONE, "session_gone"},
        {ERR_SESSION_TAKEN, "session_taken"},
        {ERR_SESSION_LIMIT, "session_limit"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(error_kind_name(rows[i].kind), rows[i].name);
    assert_non_null(error_kind_name((enum error_kind)99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_returns_false), cmocka_unit_test(prefixes_on_the_way_up),
        cmocka_unit_test(cuts_what_is_too_long),  cmocka_unit_test(says_what_errno_said),
        cmocka_unit_test(names_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
