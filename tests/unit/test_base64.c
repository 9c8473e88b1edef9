#include "unit.h"

#include <stdlib.h>

#include "common/base64.h"

static const struct {
    const char *plain;
    const char *text;
} rows[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xFB\xFF\xBF", "+/+/"},
};

static void encodes_and_decodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text, plain;
        buf_init(&text, 100);
        buf_init(&plain, 100);
        size_t len = strlen(rows[i].plain);
        check(base64_encode(&text, (const uint8_t *)rows[i].plain, len), "row %zu", i);
        check(bytes_equal_string(buf_bytes(&text), rows[i].text), "row %zu", i);
        check(base64_decode(&plain, rows[i].text, strlen(rows[i].text)), "row %zu", i);
        check(bytes_equal_string(buf_bytes(&plain), rows[i].plain), "row %zu", i);
        buf_release(&text);
        buf_release(&plain);
    }
}

static void refuses_what_is_not_strict(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",    "Zg",         "Zg=",  "Zg===", "Zg==Zg==", "=",      "====",         "Z===",
        "Zm=v", "Zm9v=",      "Zh==", "Zm9=",  "Zm 9",     "Zm9v\n", "Zm9v\r\n\r\n", "Zm9-",
        "Zm9_", "\xC3\xA9zz", "=Zm9", "Zg=A",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_true(buf_append_string(&out, "!"));
        check(!base64_decode(&out, bad[i], strlen(bad[i])), "\"%s\"", bad[i]);
        check(holds(&out, "!"), "\"%s\"", bad[i]);
        buf_release(&out);
    }
    struct buf out;
    buf_init(&out, 100);
    assert_false(base64_decode(&out, "Zm\0v", 4));
    buf_release(&out);
}

static void changes_nothing_when_the_cap_forbids(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 8; cap++) {
        struct buf out;
        buf_init(&out, cap);
        assert_false(base64_encode(&out, (const uint8_t *)"foobar", 6));
        assert_int_equal(out.len, 0);
        assert_int_equal(base64_decode(&out, "Zm9vYmFy", 8), cap >= 6);
        assert_int_equal(out.len, cap >= 6 ? 6 : 0);
        buf_release(&out);
    }
}

static void any_bytes_come_back(void **state)
{
    (void)state;
    uint8_t data[300];
    srandom(2);
    for (size_t len = 0; len <= sizeof(data); len++) {
        for (size_t i = 0; i < len; i++)
            data[i] = (uint8_t)random();
        struct buf text, plain;
        buf_init(&text, 1000);
        buf_init(&plain, 1000);
        assert_true(base64_encode(&text, data, len));
        assert_true(base64_decode(&plain, (const char *)text.data, text.len));
        assert_int_equal(plain.len, len);
        check(len == 0 || memcmp(plain.data, data, len) == 0, "%zu bytes", len);
        buf_release(&text);
        buf_release(&plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_and_decodes),
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(changes_nothing_when_the_cap_forbids),
        cmocka_unit_test(any_bytes_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
