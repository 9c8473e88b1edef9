#include "unit.h"

#include "common/endpoint.h"

static void takes_addresses_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *port, *near; /* host NULL: it is none */
    } rows[] = {
        {"127.0.0.1:8000", "127.0.0.1", "8000", "127.0.0.1"},
        {"localhost:0", "localhost", "0", "localhost"},
        {":80", "", "80", "127.0.0.1"},
        {"0.0.0.0:65535", "0.0.0.0", "65535", "127.0.0.1"},
        {"[::]:80", "::", "80", "::1"},
        {"[::1]:80", "::1", "80", "::1"},
        {"[]:80", "", "80", "127.0.0.1"},
        {"", NULL, NULL, NULL},
        {"here", NULL, NULL, NULL},
        {"80", NULL, NULL, NULL},
        {"h:", NULL, NULL, NULL},
        {"h:65536", NULL, NULL, NULL},
        {"h:000080", NULL, NULL, NULL},
        {"h:http", NULL, NULL, NULL},
        {"h:-1", NULL, NULL, NULL},
        {"[::1]", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct endpoint endpoint = {.host = "untouched"};
        bool is_one = endpoint_parse(&endpoint, rows[i].text);
        check(is_one == (rows[i].host != NULL), "\"%s\"", rows[i].text);
        assert_string_equal(endpoint.host, is_one ? rows[i].host : "untouched");
        if (is_one) {
            assert_string_equal(endpoint.port, rows[i].port);
            assert_string_equal(endpoint_near_host(&endpoint), rows[i].near);
        }
    }
}

static void a_host_has_room(void **state)
{
    (void)state;
    struct endpoint endpoint;
    char text[200];
    memset(text, 'a', sizeof(text));
    memcpy(text + ENDPOINT_TEXT_MAX, ":80", 4);
    assert_true(endpoint_parse(&endpoint, text));
    assert_int_equal(strlen(endpoint.host), ENDPOINT_TEXT_MAX);
    memcpy(text + ENDPOINT_TEXT_MAX, "a:80", 5);
    assert_false(endpoint_parse(&endpoint, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_addresses_apart),
        cmocka_unit_test(a_host_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
