#include "unit.h"

#include "front/http/media.h"

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

static void an_extension_tells_the_media_type(void **state)
{
    (void)state;
    static const struct {
        const char *path, *expected;
    } rows[] = {
        {"a.csv", "text/csv"},
        {"out/plot.PNG", "image/png"},
        {"archive.tar.gz", "application/gzip"},
        {".json", "application/json"},
        {"a.csv.unheard", "application/octet-stream"},
        {"csv", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"out.d/csv", "application/octet-stream"},
        {"a.cs", "application/octet-stream"},
        {"", "application/octet-stream"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = media_type_of_path(bytes_of_string(rows[i].path));
        check(strcmp(got, rows[i].expected) == 0, "%s: %s", rows[i].path, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_by_any_spelling_is_taken),
        cmocka_unit_test(all_else_is_not),
        cmocka_unit_test(an_extension_tells_the_media_type),
    };
    return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}
