#include "unit.h"

#include "front/http/accept_header.h"

static void what_is_listed_is_taken(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "gzip",        "GZip",          "deflate, gzip, br",   "br,gzip",
        "br ,\tgzip ", "gzip;q=0.5",    "gzip ; q=0.001 , br", ",,gzip,",
        "gzip;x=1",    "gzip;q=1;q=x0", "gzip;q=0;v=1, gzip",
    };
    for (size_t i = 0; i < COUNT(lists); i++)
        check(accept_header_names(bytes_of_string(lists[i]), "gzip"), "%s", lists[i]);
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
        check(!accept_header_names(bytes_of_string(lists[i]), "gzip"), "%s", lists[i]);
    assert_false(accept_header_names((struct bytes){0}, "gzip"));
}

static void events_are_for_who_prefers_them(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        bool events;
    } rows[] = {
        {"text/event-stream", true},
        {"TEXT/Event-Stream", true},
        {" text/event-stream ; charset=utf-8", true},
        {"text/event-stream;q=0.001", true},
        {"text/event-stream, */*", true},
        {"*/*;q=0.1, text/event-stream;q=0.1", true},
        {"application/json;q=0.9, text/event-stream", true},
        {"application/json;q=0, */*, text/event-stream;q=0.5", true},
        {"application/*;q=0.4, */*, text/event-stream;q=0.5", true},
        {"application/json;q=2, text/event-stream;q=0.5", true},
        {"", false},
        {"*/*", false},
        {"text/*", false},
        {"text/html", false},
        {"application/json", false},
        {"application/json, text/event-stream", false},
        {"text/event-stream, application/json", false},
        {"text/event-stream, application/*", false},
        {"text/event-stream;q=0.5, */*", false},
        {"text/event-stream;q=0", false},
        {"text/event-stream;q=0.000", false},
        {"text/event-stream;q=x", false},
        {"text/event-stream;q=1.5", false},
        {"text/event-stream;q", false},
        {"text/event-stream;q=", false},
        {"text/event-streams", false},
        {"text/event-strea", false},
        {"text / event-stream", false},
        {",;,;;,q=1", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(accept_header_prefers_events(bytes_of_string(rows[i].accept)) == rows[i].events, "%s",
              rows[i].accept);
    assert_false(accept_header_prefers_events((struct bytes){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_listed_is_taken),
        cmocka_unit_test(all_else_is_not),
        cmocka_unit_test(events_are_for_who_prefers_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
