#include "unit.h"

#include "client/address.h"

static void finds_the_endpoint(void **state)
{
    (void)state;
    static const struct {
        const char *base, *url; /* NULL: refused */
    } rows[] = {
        {"http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v1/execute"},
        {"http://gateway/", "http://gateway/api/v1/execute"},
        {"https://host:1/below/it/", "https://host:1/below/it/api/v1/execute"},
        {"http://[::1]:80", "http://[::1]:80/api/v1/execute"},
        {"localhost:8000", "http://localhost:8000/api/v1/execute"},
        {"", NULL},
        {"http://", NULL},
        {"ftp://host", NULL},
        {"file:///etc/passwd", NULL},
        {"http://user@host", NULL},
        {"http://user:word@host", NULL},
        {"http://host?x", NULL},
        {"http://host#x", NULL},
        {"http://ho st", NULL},
        {"http://host\r\nx: y", NULL},
        {"http://host:99999", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf url;
        buf_init(&url, 200);
        bool is_written = address_write(&url, rows[i].base, ADDRESS_EXECUTE, NULL);
        check(is_written == (rows[i].url != NULL), "%s", rows[i].base);
        if (is_written)
            assert_string_equal((const char *)url.data + url.start, rows[i].url);
        assert_true(is_written || url.len == 0);
        buf_release(&url);
    }
}

static void finds_the_gateway_of_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *listen, *url; /* NULL: refused */
    } rows[] = {
        {"127.0.0.1:8000", "http://127.0.0.1:8000/api/v1/execute"},
        {"0.0.0.0:80", "http://127.0.0.1:80/api/v1/execute"},
        {":80", "http://127.0.0.1:80/api/v1/execute"},
        {"[::]:80", "http://[::1]:80/api/v1/execute"},
        {"[fd00::1]:9", "http://[fd00::1]:9/api/v1/execute"},
        {"gateway:8000", "http://gateway:8000/api/v1/execute"},
        {"8000", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf url;
        struct error why = {.text = ""};
        buf_init(&url, 200);
        bool is_written = address_write_near(&url, rows[i].listen, ADDRESS_EXECUTE, &why);
        check(is_written == (rows[i].url != NULL), "%s", rows[i].listen);
        if (is_written)
            assert_string_equal((const char *)url.data + url.start, rows[i].url);
        assert_true(is_written || strstr(why.text, "MAYFLY_LISTEN is \""));
        buf_release(&url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_endpoint),
                                       cmocka_unit_test(finds_the_gateway_of_this_machine)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
