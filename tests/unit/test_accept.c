#include "unit.h"

#include "front/accept.h"

static void what_is_listed_is_taken(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "gzip",        "GZip",          "deflate, gzip, br",   "br,gzip",
        "br ,\tgzip ", "gzip;q=0.5",    "gzip ; q=0.001 , br", ",,gzip,",
        "gzip;x=1",    "gzip;q=1;q=x0", "gzip;q=0;v=1, gzip",
    };
    for (size_t i = 0; i < COUNT(lists); i++)
        check(accept_names(bytes_of_string(lists[i]), "gzip"), "%s", lists[i]);
}

static void all_else_is_not(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "",
        ",",
        ";",
        "identity",
        "xgzip",
        "gzipx",
        "gzi",
        "*",
        "gzip x",
        "br;gzip",
        "gzip;q=0",
        "gzip ; Q=0.0",
        "br, gzip;q=0.000",
        "g zip",
        "\"gzip\"",
        "x-gzip;q=1",
        "gzip;v=1; q=0 ,br",
    };
    for (size_t i = 0; i < COUNT(lists); i++)
        check(!accept_names(bytes_of_string(lists[i]), "gzip"), "%s", lists[i]);
    assert_false(accept_names((struct bytes){0}, "gzip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_listed_is_taken),
        cmocka_unit_test(all_else_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
