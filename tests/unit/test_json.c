/* Reading values from a parsed document. test_json_scan.c tests what json_parse refuses. */
#include "unit.h"

#include "common/json.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static struct json *parse(const char *text)
{
    struct error err = {0};
    struct json *document = json_parse((const uint8_t *)text, strlen(text), &err);
    check(document != NULL, "%s: %s", text, err.text);
    return document;
}

static void takes_what_is_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum json_type type;
    } rows[] = {
        {"null", JSON_NULL},
        {" null ", JSON_NULL},
        {"true", JSON_BOOL},
        {"false", JSON_BOOL},
        {"5", JSON_NUMBER},
        {"0", JSON_NUMBER},
        {"-0", JSON_NUMBER},
        {"-0.0e-5", JSON_NUMBER},
        {"18446744073709551615", JSON_NUMBER},
        {"-9223372036854775808", JSON_NUMBER},
        {"1E+2", JSON_NUMBER},
        {"1e-999", JSON_NUMBER},
        {"\"\"", JSON_STRING},
        {"\"\x7F\"", JSON_STRING},
        {"[]", JSON_ARRAY},
        {"[ ]", JSON_ARRAY},
        {"{}", JSON_OBJECT},
        {"{ }", JSON_OBJECT},
        {"\r\n\t [1 , [ ] ,{ \"a\" : { } } ] \n", JSON_ARRAY},
        {"{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}}", JSON_OBJECT},
        {"{\"a\":1,\"A\":1,\"a \":1,\"\":1}", JSON_OBJECT},
        {"{\"1:a\":1,\"a\":{\"1:a\":2,\"a\":3}}", JSON_OBJECT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *document = parse(rows[i].text);
        check(json_type_of(document) == rows[i].type, "%s", rows[i].text);
        json_free(document);
    }
}

static void strings_come_back_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *string;
        size_t len;
    } rows[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t")},
        {"\"a\\u0000b\"", TEXT("a\0b")},
        {"\"\\u0000\"", TEXT("\0")},
        {"\"\\u00E9\\u20ac\"", TEXT("\xC3\xA9\xE2\x82\xAC")},
        {"\"\\ud83d\\uDE00!\"", TEXT("\xF0\x9F\x98\x80!")},
        {"\"\\uffff\\ud7ff\\ue000\"", TEXT("\xEF\xBF\xBF\xED\x9F\xBF\xEE\x80\x80")},
        {"\"\\udbff\\udfff\"", TEXT("\xF4\x8F\xBF\xBF")},
        {"\"\xF0\x9F\x98\x80\"", TEXT("\xF0\x9F\x98\x80")},
        {"\"\xEF\xBB\xBF\"", TEXT("\xEF\xBB\xBF")},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *document = parse(rows[i].text);
        struct bytes string = json_string(document);
        check(string.len == rows[i].len, "%s: %zu bytes", rows[i].text, string.len);
        check(memcmp(string.data, rows[i].string, string.len) == 0, "%s", rows[i].text);
        json_free(document);
    }
}

static void numbers_are_exact_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double real;
        bool is_integer;
        int64_t integer;
    } rows[] = {
        {"0", 0, true, 0},
        {"-0", 0, true, 0},
        {"-0.0", 0, true, 0},
        {"1", 1, true, 1},
        {"-1", -1, true, -1},
        {"1.0", 1, true, 1},
        {"1e3", 1000, true, 1000},
        {"1000E-3", 1, true, 1},
        {"0.1e1", 1, true, 1},
        {"1.5", 1.5, false, 0},
        {"1e-400", 0, true, 0},
        {"9007199254740993", 9007199254740992.0, true, INT64_C(9007199254740993)},
        {"9007199254740991.0", 9007199254740991.0, true, INT64_C(9007199254740991)},
        {"9007199254740993.0", 9007199254740992.0, false, 0},
        {"9223372036854775807", 9223372036854775808.0, true, INT64_MAX},
        {"9223372036854775808", 9223372036854775808.0, false, 0},
        {"18446744073709551615", 18446744073709551616.0, false, 0},
        {"-9223372036854775808", -9223372036854775808.0, true, INT64_MIN},
        {"1e300", 1e300, false, 0},
        {"-1e19", -1e19, false, 0},
        {"0.1", 0.1, false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct json *document = parse(rows[i].text);
        check(json_number(document) <= rows[i].real && json_number(document) >= rows[i].real,
              "%s: %.17g", rows[i].text, json_number(document));
        int64_t integer = 4711;
        check(json_integer(document, &integer) == rows[i].is_integer, "%s", rows[i].text);
        check(integer == (rows[i].is_integer ? rows[i].integer : 4711), "%s", rows[i].text);
        json_free(document);
    }
}

static void absent_null_and_present_differ(void **state)
{
    (void)state;
    static const char text[] = "{\"n\":null,\"s\":\"x\",\"l\":[null,1],\"t\":true,\"f\":false}";
    struct json *document = parse(text);
    assert_null(json_get(document, "absent"));
    assert_null(json_get(json_get(document, "s"), "x"));
    assert_non_null(json_get(document, "n"));
    assert_int_equal(json_type_of(json_get(document, "n")), JSON_NULL);
    assert_true(json_bool(json_get(document, "t")));
    assert_false(json_bool(json_get(document, "f")));
    const struct json *list = json_get(document, "l");
    assert_int_equal(json_array_len(list), 2);
    assert_non_null(json_array_at(list, 0));
    assert_int_equal(json_type_of(json_array_at(list, 0)), JSON_NULL);
    assert_int_equal(json_type_of(json_array_at(list, 1)), JSON_NUMBER);
    assert_null(json_array_at(list, 2));
    json_free(document);
    json_free(NULL);
}

/* Each accessor may be called on each type: the result is empty, not undefined. */
static void a_wrong_type_is_empty(void **state)
{
    (void)state;
    static const char *const texts[] = {"null", "true", "5", "1.5", "\"x\"", "[1]", "{\"a\":1}"};
    for (size_t i = 0; i <= COUNT(texts); i++) {
        struct json *document = i < COUNT(texts) ? parse(texts[i]) : NULL;
        enum json_type type = json_type_of(document);
        size_t position = 0;
        const char *name;
        const struct json *value;
        int64_t integer;
        assert_int_equal(json_string(document).len, type == JSON_STRING);
        assert_int_equal(json_array_len(document), type == JSON_ARRAY);
        assert_int_equal(json_array_at(document, 0) != NULL, type == JSON_ARRAY);
        assert_int_equal(json_get(document, "a") != NULL, type == JSON_OBJECT);
        assert_int_equal(json_next(document, &position, &name, &value), type == JSON_OBJECT);
        assert_int_equal(json_bool(document), type == JSON_BOOL);
        assert_int_equal(json_number(document) > 0, type == JSON_NUMBER);
        assert_true(type == JSON_NUMBER || !json_integer(document, &integer));
        assert_non_null(json_type_name(type));
        json_free(document);
    }
}

static void members_come_in_order(void **state)
{
    (void)state;
    static const char text[] = "{\"z\":1,\"a\":null,\"m\\n\":\"x\"}";
    static const char *const names[] = {"z", "a", "m\n"};
    static const enum json_type types[] = {JSON_NUMBER, JSON_NULL, JSON_STRING};
    struct json *document = parse(text);
    size_t position = 0, seen = 0;
    const char *name;
    const struct json *value;
    while (seen < COUNT(names) && json_next(document, &position, &name, &value)) {
        assert_string_equal(name, names[seen]);
        assert_int_equal(json_type_of(value), types[seen++]);
    }
    assert_int_equal(seen, 3);
    assert_false(json_next(document, &position, &name, &value));
    json_free(document);
}

/* Strings of any length are read in parts of any size, and a long one outlives the text. */
static void long_strings_are_whole(void **state)
{
    (void)state;
    for (size_t count = 1 << 12; count <= 1 << 18; count *= 8) {
        struct buf text, spelt;
        buf_init(&text, (size_t)8 << 20);
        buf_init(&spelt, (size_t)8 << 20);
        assert_true(buf_append_string(&text, "[\"short\",\""));
        for (size_t i = 0; i < count; i++) {
            assert_true(
                buf_append_string(&text, i % 3 ? "\xF0\x9F\x98\x80x" : "\\u0000\\n\\ud83d\\ude00"));
            assert_true(i % 3 ? buf_append_string(&spelt, "\xF0\x9F\x98\x80x")
                              : buf_append(&spelt, "\0\n\xF0\x9F\x98\x80", 6));
        }
        assert_true(buf_append_string(&text, "\",{\"k\":\""));
        for (size_t i = 0; i < count; i++)
            assert_true(buf_append_string(&text, "y"));
        assert_true(buf_append_string(&text, "\"},\"last\"]"));
        struct json_reader *reader = json_reader_new(buf_bytes(&text), 100);
        struct error err;
        enum json_progress progress = JSON_MORE;
        while (progress == JSON_MORE)
            progress = json_reader_step(reader, 1021, &err);
        assert_int_equal(progress, JSON_DONE);
        struct json *document = json_reader_take(reader);
        json_reader_free(reader);
        buf_release(&text);
        struct bytes string = json_string(json_array_at(document, 1));
        assert_int_equal(string.len, spelt.len);
        assert_memory_equal(string.data, spelt.data, spelt.len);
        string = json_string(json_get(json_array_at(document, 2), "k"));
        assert_int_equal(string.len, count);
        assert_int_equal(string.data[count - 1], 'y');
        assert_true(bytes_equal_string(json_string(json_array_at(document, 0)), "short"));
        assert_true(bytes_equal_string(json_string(json_array_at(document, 3)), "last"));
        json_free(document);
        buf_release(&spelt);
    }
}

static void a_long_string_may_be_all(void **state)
{
    (void)state;
    static char text[100000];
    memset(text, 'x', sizeof text);
    text[0] = text[sizeof text - 1] = '"';
    struct json *document = json_parse((const uint8_t *)text, sizeof text, NULL);
    assert_int_equal(json_string(document).len, sizeof text - 2);
    json_free(document);
    /* and one that is not read to its end leaves nothing behind */
    struct json_reader *reader = json_reader_new(bytes_of(text, sizeof text), 10);
    assert_int_equal(json_reader_step(reader, 50000, NULL), JSON_MORE);
    json_reader_free(reader);
}

static void values_have_a_cap(void **state)
{
    (void)state;
    struct error err = {0};
    struct json_reader *reader = json_reader_new(bytes_of_string("{\"args\":[1,2,3]}"), 19);
    assert_int_equal(json_reader_step(reader, SIZE_MAX, &err), JSON_FAILED);
    assert_string_equal(err.text, "too many values at byte 13, in \"args\"");
    json_reader_free(reader);
    reader = json_reader_new(bytes_of_string("{\"args\":[1,2,3]}"), 20);
    assert_int_equal(json_reader_step(reader, SIZE_MAX, NULL), JSON_DONE);
    json_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_strings_are_whole),
        cmocka_unit_test(a_long_string_may_be_all),
        cmocka_unit_test(values_have_a_cap),
        cmocka_unit_test(takes_what_is_json),
        cmocka_unit_test(strings_come_back_whole),
        cmocka_unit_test(numbers_are_exact_or_refused),
        cmocka_unit_test(absent_null_and_present_differ),
        cmocka_unit_test(a_wrong_type_is_empty),
        cmocka_unit_test(members_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
