#include "unit.h"

#include "front/api/alias.h"

static const struct config both = {
    .runtimes_count = 2,
    .runtimes = {{.name = "python"}, {.name = "python-data"}},
};

static int resolve(const struct config *config, const char *name)
{
    return alias_resolve(config, bytes_of_string(name));
}

static void names_and_their_aliases_mean_a_runtime(void **state)
{
    (void)state;
    assert_int_equal(resolve(&both, "python"), 0);
    assert_int_equal(resolve(&both, "py"), 0);
    assert_int_equal(resolve(&both, "python3"), 0);
    assert_int_equal(resolve(&both, "python-data"), 1);
    assert_int_equal(resolve(&both, "data"), 1);
}

static void others_mean_none(void **state)
{
    (void)state;
    static const char *const others[] = {"", "Python", "pyt", "python ", "ruby", "python3.12"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(resolve(&both, others[i]), -1);
    assert_int_equal(alias_resolve(&both, bytes_of("python\0", 7)), -1);
}

static void an_alias_of_a_runtime_that_is_not_configured_means_none(void **state)
{
    (void)state;
    static const struct config data = {.runtimes_count = 1, .runtimes = {{.name = "python-data"}}};
    assert_int_equal(resolve(&data, "py"), -1);
    assert_int_equal(resolve(&data, "data"), 0);
}

static void a_configured_name_comes_before_an_alias(void **state)
{
    (void)state;
    static const struct config named = {.runtimes_count = 2,
                                        .runtimes = {{.name = "python"}, {.name = "py"}}};
    assert_int_equal(resolve(&named, "py"), 1);
    assert_int_equal(resolve(&named, "python3"), 0);
}

static void lists_end(void **state)
{
    (void)state;
    assert_string_equal(alias_list("python")[0], "py");
    assert_null(alias_list("of-their-own")[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_their_aliases_mean_a_runtime),
        cmocka_unit_test(others_mean_none),
        cmocka_unit_test(an_alias_of_a_runtime_that_is_not_configured_means_none),
        cmocka_unit_test(a_configured_name_comes_before_an_alias),
        cmocka_unit_test(lists_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
