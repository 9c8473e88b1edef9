#include "unit.h"

#include "common/json.h"

static void puts_commas_where_they_belong(void **state)
{
    (void)state;
    struct buf out;
    struct json_out json;
    buf_init(&out, 1000);
    json_begin(&json, &out);
    json_open(&json, '{');
    json_key(&json, "list");
    json_open(&json, '[');
    json_put_uint(&json, UINT64_MAX);
    json_put_int(&json, INT64_MIN);
    json_open(&json, '[');
    json_close(&json, ']');
    json_open(&json, '{');
    json_close(&json, '}');
    json_put_bool(&json, true);
    json_close(&json, ']');
    json_key(&json, "none");
    json_put_null(&json);
    json_key(&json, "text");
    json_put_text(&json, "a");
    json_key(&json, "no text");
    json_put_text(&json, NULL);
    json_key(&json, "b64");
    json_put_base64(&json, (const uint8_t *)"foob", 4);
    json_key(&json, "no b64");
    json_put_base64(&json, NULL, 0);
    json_key(&json, "f");
    json_put_bool(&json, false);
    json_close(&json, '}');
    assert_true(json.ok);
    assert_true(holds(&out, "{\"list\":[18446744073709551615,-9223372036854775808,[],{},true],"
                            "\"none\":null,\"text\":\"a\",\"no text\":null,\"b64\":\"Zm9vYg==\","
                            "\"no b64\":\"\",\"f\":false}"));
    buf_release(&out);
}

static void escapes_what_acts_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *string;
        size_t len;
        const char *text;
    } rows[] = {
        {"", 0, "\"\""},
        {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"a\0b\x01\x1F\x7F", 6, "\"a\\u0000b\\u0001\\u001f\\u007f\""},
        {"\xC2\x9B[31m", 6, "\"\\u009b[31m\""},
        {"\xC2\xA0\xC3\xA9", 4, "\"\xC2\xA0\xC3\xA9\""},
        {"\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\xE2\x82\xAC", 15,
         "\"\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\xE2\x82\xAC\""},
        {"</script><!-- <b> a<b <", 23, "\"\\u003c/script>\\u003c!-- <b> a<b <\""},
        {"\x1B[2J", 4, "\"\\u001b[2J\""},
        {"bad \xFF\xED\xA0\x80.", 9, "\"bad \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD.\""},
        {"cut \xE2\x80", 6, "\"cut \xEF\xBF\xBD\""},
        {"cut \xC2", 5, "\"cut \xEF\xBF\xBD\""},
        {"\xF0\x9F\x98\x80", 4, "\"\xF0\x9F\x98\x80\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        struct json_out json;
        buf_init(&out, 1000);
        json_begin(&json, &out);
        json_put_string(&json, (const uint8_t *)rows[i].string, rows[i].len);
        check(json.ok && bytes_equal_string(buf_bytes(&out), rows[i].text), "row %zu: %.*s", i,
              (int)out.len, (const char *)out.data);
        struct json *back = json_parse(out.data, out.len, NULL);
        check(back != NULL, "row %zu", i);
        json_free(back);
        buf_release(&out);
    }
}

static void seconds_have_no_zeros(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        {0, "0"},
        {4100000, "0.0041"},
        {1000, "0.000001"},
        {499, "0"},
        {500, "0.000001"},
        {1000000000, "1"},
        {1500000000, "1.5"},
        {999999499, "0.999999"},
        {999999500, "1"},
        {UINT64_C(30000000001000), "30000.000001"},
        {UINT64_MAX, "18446744073.709552"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out;
        struct json_out json;
        buf_init(&out, 100);
        json_begin(&json, &out);
        json_put_seconds(&json, rows[i].ns);
        check(bytes_equal_string(buf_bytes(&out), rows[i].text), "%s: %.*s", rows[i].text,
              (int)out.len, (const char *)out.data);
        buf_release(&out);
    }
}

static void write_all(struct json_out *json, struct buf *out)
{
    json_begin(json, out);
    json_open(json, '[');
    json_put_string(json, (const uint8_t *)"x\n\xFF</", 6);
    json_put_base64(json, (const uint8_t *)"abc", 3);
    json_put_seconds(json, 1500000000);
    json_put_null(json);
    json_close(json, ']');
}

/* With any limit, exactly the documents that did not fit are marked as failed. */
static void a_failure_sticks(void **state)
{
    (void)state;
    struct buf whole;
    struct json_out json;
    buf_init(&whole, 1000);
    write_all(&json, &whole);
    assert_true(json.ok);
    for (size_t cap = 0; cap <= whole.len; cap++) {
        struct buf out;
        buf_init(&out, cap);
        write_all(&json, &out);
        assert_int_equal(json.ok, cap == whole.len);
        assert_memory_equal(out.len ? out.data : whole.data, whole.data, out.len);
        buf_release(&out);
    }
    buf_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_commas_where_they_belong),
        cmocka_unit_test(escapes_what_acts_elsewhere),
        cmocka_unit_test(seconds_have_no_zeros),
        cmocka_unit_test(a_failure_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
