#include "unit.h"

#include "front/execute.h"

static void json_by_any_spelling_is_taken(void **state)
{
    (void)state;
    static const char *const good[] = {
        "application/json",
        "Application/JSON",
        " application/json ",
        "application/json;charset=utf-8",
        "application/json ; charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    };
    for (size_t i = 0; i < COUNT(good); i++)
        check(media_type_is_json(bytes_of_string(good[i])), "%s", good[i]);
}

static void all_else_is_not(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "json",
        "text/json",
        "application/jsonx",
        "application/json;",
        "application/json x",
        "application/json; charset=utf-16",
        "application/json; charset=utf-88",
        "application/json; charset=utf-8; x=y",
        "application/json, text/plain",
        "application/problem+json",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        check(!media_type_is_json(bytes_of_string(bad[i])), "%s", bad[i]);
    assert_false(media_type_is_json((struct bytes){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_by_any_spelling_is_taken),
        cmocka_unit_test(all_else_is_not),
    };
    return cmocka_run_group_tests_name("execute", tests, NULL, NULL);
}
