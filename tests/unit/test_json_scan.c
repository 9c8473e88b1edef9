/* Texts that json_parse refuses, with the position of the error, and its limits. */
#include "unit.h"

#include <stdlib.h>

#include "common/json.h"

#define TEXT(literal) literal, sizeof(literal) - 1
#define NINE_E "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
#define TEN_E NINE_E "\u00e9"

static struct json *parse(const char *text, size_t len, struct error *err)
{
    /* On the heap, without a NUL behind it, so that the sanitizers see a read past the end. */
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    struct json *document = json_parse(copy, len, err);
    free(copy);
    return document;
}

static const struct {
    const char *text;
    size_t len;
    const char *error;
} refused[] = {
    /* not whole, not one */
    {TEXT(""), "unexpected end of text at byte 0"},
    {TEXT(" \t\r\n"), "unexpected end of text at byte 4"},
    {TEXT("{}{}"), "text after the value at byte 2"},
    {TEXT("1 2"), "text after the value at byte 2"},
    {TEXT("{\"a\":1}\0junk"), "text after the value at byte 7"},
    {TEXT("{\"a\":1}\0"), "text after the value at byte 7"},
    {TEXT("\xEF\xBB\xBF{}"), "value expected at byte 0"},
    /* extensions that JSON does not have */
    {TEXT("[1,]"), "value expected at byte 3"},
    {TEXT("{\"a\":1,}"), "key expected at byte 7"},
    {TEXT("[,1]"), "value expected at byte 1"},
    {TEXT("{a:1}"), "key expected at byte 1"},
    {TEXT("{'a':1}"), "key expected at byte 1"},
    {TEXT("['a']"), "value expected at byte 1"},
    {TEXT("/* c */1"), "value expected at byte 0"},
    {TEXT("1//c"), "text after the value at byte 1"},
    {TEXT("TRUE"), "value expected at byte 0"},
    {TEXT("tru"), "unexpected end of text at byte 3"},
    {TEXT("nulL"), "value expected at byte 3"},
    {TEXT("truefalse"), "text after the value at byte 4"},
    {TEXT("NaN"), "value expected at byte 0"},
    {TEXT("Infinity"), "value expected at byte 0"},
    {TEXT("-Infinity"), "digit expected at byte 1"},
    {TEXT("\f1"), "value expected at byte 0"},
    {TEXT("[1}"), "',' or ']' expected at byte 2"},
    {TEXT("{\"a\" 1}"), "':' expected at byte 5"},
    {TEXT("{\"a\":1 \"b\":2}"), "',' or '}' expected at byte 7"},
    /* numbers */
    {TEXT("01"), "leading zero at byte 0"},
    {TEXT("[-01]"), "leading zero at byte 1"},
    {TEXT("+1"), "value expected at byte 0"},
    {TEXT(".5"), "value expected at byte 0"},
    {TEXT("[1.]"), "digit expected at byte 3"},
    {TEXT("[1e]"), "digit expected at byte 3"},
    {TEXT("[1e+]"), "digit expected at byte 4"},
    {TEXT("0x10"), "text after the value at byte 1"},
    {TEXT("-"), "unexpected end of text at byte 1"},
    {TEXT("[1e999]"), "number out of range at byte 1"},
    {TEXT("[-1e999]"), "number out of range at byte 1"},
    {TEXT("[99999999999999999999]"), "number out of range at byte 1"},
    {TEXT("18446744073709551616"), "number out of range at byte 0"},
    {TEXT("-9223372036854775809"), "number out of range at byte 0"},
    /* in which member; of nested ones the innermost */
    {TEXT("{\"a\":1e999}"), "number out of range at byte 5, in \"a\""},
    {TEXT("{\"a\":{\"b\":[1e999]}}"), "number out of range at byte 11, in \"b\""},
    {TEXT("{\"a\":[{\"b\":1},1e999]}"), "number out of range at byte 14, in \"a\""},
    {TEXT("[{\"a\":1},1e999]"), "number out of range at byte 9"},
    {TEXT("{\"a\":{\"b\":1},1}"), "key expected at byte 13"},
    {TEXT("{\"a\":{1}}"), "key expected at byte 6, in \"a\""},
    {TEXT("{\"a\\n\":\"\\x\"}"), "bad escape at byte 9, in \"a\\n\""},
    {TEXT("{\"a\":"), "unexpected end of text at byte 5, in \"a\""},
    {TEXT("{\"\":x}"), "value expected at byte 4"},
    {TEXT("{\"" TEN_E TEN_E TEN_E "\xC3\xA9\":x}"),
     "value expected at byte 66, in \"" TEN_E TEN_E TEN_E "\""},
    {TEXT("{\"x" TEN_E TEN_E TEN_E "\":x}"),
     "value expected at byte 65, in \"x" TEN_E TEN_E NINE_E "\""},
    /* strings */
    {TEXT("\"a"), "unexpected end of text at byte 2"},
    {TEXT("\"a\\"), "unexpected end of text at byte 3"},
    {TEXT("\"a\tb\""), "control character in a string at byte 2"},
    {TEXT("\"a\nb\""), "control character in a string at byte 2"},
    {TEXT("\"\x01\""), "control character in a string at byte 1"},
    {TEXT("\"a\0b\""), "control character in a string at byte 2"},
    {TEXT("\"\\x41\""), "bad escape at byte 2"},
    {TEXT("\"\\'\""), "bad escape at byte 2"},
    {TEXT("\"\\\0\""), "bad escape at byte 2"},
    {TEXT("\"\\u00g0\""), "bad \\u escape at byte 5"},
    {TEXT("\"\\u00"), "unexpected end of text at byte 5"},
    {TEXT("\"\\ud800\""), "unpaired surrogate at byte 1"},
    {TEXT("\"a\\uDFFF\""), "unpaired surrogate at byte 2"},
    {TEXT("\"\\ud83dx\""), "unpaired surrogate at byte 1"},
    {TEXT("\"\\ud83d\\n\""), "unpaired surrogate at byte 1"},
    {TEXT("\"\\ud83d\\u0041\""), "unpaired surrogate at byte 1"},
    {TEXT("\"\\ude00\\ud83d\""), "unpaired surrogate at byte 1"},
    {TEXT("\"\\ud83d\\ud83d\""), "unpaired surrogate at byte 1"},
    /* UTF-8 */
    {TEXT("\"\xC0\xAF\""), "ill-formed UTF-8 at byte 1"},
    {TEXT("\"\xED\xA0\x80\""), "ill-formed UTF-8 at byte 1"},
    {TEXT("\"\xC3\""), "ill-formed UTF-8 at byte 1"},
    {TEXT("\"\xF4\x90\x80\x80\""), "ill-formed UTF-8 at byte 1"},
    {TEXT("[\x80]"), "ill-formed UTF-8 at byte 1"},
    {TEXT("[\xC3\xA9]"), "value expected at byte 1"},
    {TEXT("\xFF\xFE{\0}\0"), "ill-formed UTF-8 at byte 0"},
    /* keys */
    {TEXT("{\"a\\u0000b\":1}"), "NUL in a key at byte 1"},
    {TEXT("{\"code\":1, \"code\":2}"), "duplicate key \"code\" at byte 11"},
    {TEXT("{\"a\":1,\"\\u0061\":2}"), "duplicate key \"a\" at byte 7"},
    {TEXT("{\"\":1,\"\":2}"), "duplicate key \"\" at byte 6"},
    {TEXT("{\"a\":{\"b\":1,\"c\":2,\"b\":3}}"), "duplicate key \"b\" at byte 18"},
    {TEXT("[{\"a\":1},{\"a\":1,\"a\":{}}]"), "duplicate key \"a\" at byte 16"},
    {TEXT("{\"a\":{\"x\":1},\"a\":{\"x\":1}}"), "duplicate key \"a\" at byte 13"},
    {TEXT("{\"\xC3\xA9\":1,\"\\u00e9\":2}"), "duplicate key \"\xC3\xA9\" at byte 8"},
};

static void refuses_with_the_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct error err = {0};
        struct json *document = parse(refused[i].text, refused[i].len, &err);
        check(!document, "row %zu: %s", i, refused[i].error);
        check(strcmp(err.text, refused[i].error) == 0, "row %zu: %s, not %s", i, err.text,
              refused[i].error);
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(parse(refused[i].text, refused[i].len, NULL));
    }
    assert_null(json_parse(NULL, 0, NULL));
}

/* A text that is cut anywhere is refused, with the error at its end. */
static void a_cut_text_is_refused(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\\n\\u00e9\\ud83d\\ude00\":[1.5e-3,true,null,{},\"\xF0\x9F\x98\x80\"],\"b\":false}";
    struct json *whole = parse(text, sizeof(text) - 1, NULL);
    assert_non_null(whole);
    json_free(whole);
    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        struct error err = {0};
        assert_null(parse(text, len, &err));
        assert_non_null(strstr(err.text, "at byte"));
    }
}

/* Reading a text in parts of any size gives the same result, and the same error text. */
static void parts_say_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        for (size_t most = 1; most <= refused[i].len + 1; most++) {
            struct error err = {0};
            enum json_progress progress = JSON_MORE;
            struct bytes text = bytes_of(refused[i].text, refused[i].len);
            struct json_reader *reader = json_reader_new(text, JSON_VALUES_MAX);
            size_t steps = 0;
            while (progress == JSON_MORE && steps++ <= refused[i].len)
                progress = json_reader_step(reader, most, &err);
            check(progress == JSON_FAILED, "row %zu in parts of %zu", i, most);
            check(strcmp(err.text, refused[i].error) == 0, "row %zu in parts of %zu: %s", i, most,
                  err.text);
            json_reader_free(reader);
        }
    }
}

/* A step reads no more bytes than it is given, except for the rest of a name, a number or a
 * character. */
static void a_part_ends_where_it_should(void **state)
{
    (void)state;
    static const struct {
        const char *head, *unit, *tail;
    } rows[] = {
        {"\"", "x", "\""},  {"\"", "\\u0041", "\""},    {"\"", "\xF0\x9F\x98\x80", "\""},
        {"", " ", "1"},     {"[", "1,", "1]"},          {"[", "\"a\",", "1]"},
        {"[", "[],", "1]"}, {"{\"a\":[", "{},", "1]}"}, {"[", "  1  ,", "1]"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text;
        buf_init(&text, (size_t)1 << 20);
        assert_true(buf_append_string(&text, rows[i].head));
        for (int n = 0; n < 10000; n++)
            assert_true(buf_append_string(&text, rows[i].unit));
        assert_true(buf_append_string(&text, rows[i].tail));
        struct json_reader *reader = json_reader_new(buf_bytes(&text), JSON_VALUES_MAX);
        size_t steps = 1;
        while (json_reader_step(reader, 1000, NULL) == JSON_MORE)
            steps++;
        check(steps >= text.len / 1012, "row %zu: %zu steps for %zu bytes", i, steps, text.len);
        json_free(json_reader_take(reader));
        json_reader_free(reader);
        buf_release(&text);
    }
}

static void depth_ends_at_the_maximum(void **state)
{
    (void)state;
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        struct buf text;
        buf_init(&text, 10000);
        for (size_t i = 0; i < depth; i++)
            assert_true(buf_append_string(&text, i % 2 ? "[" : "{\"a\":"));
        assert_true(buf_append_string(&text, "\"x\""));
        for (size_t i = depth; i-- > 0;)
            assert_true(buf_append_string(&text, i % 2 ? "]" : "}"));
        struct error err = {0};
        struct json *document = json_parse(text.data, text.len, &err);
        assert_int_equal(document != NULL, depth == JSON_DEPTH_MAX);
        assert_true(document || strstr(err.text, "nested too deeply at byte"));
        json_free(document);
        buf_release(&text);
    }
    /* A million brackets end as early. */
    uint8_t *brackets = malloc(1000000);
    assert_non_null(brackets);
    memset(brackets, '[', 1000000);
    struct error err = {0};
    assert_null(json_parse(brackets, 1000000, &err));
    assert_string_equal(err.text, "nested too deeply at byte 32");
    free(brackets);
}

/* Returns head, then `count` times `unit`, then tail. A %zu in unit is replaced by the count so
 * far. */
static struct buf repeated(const char *head, const char *unit, size_t count, const char *tail)
{
    struct buf text;
    buf_init(&text, (size_t)64 << 20);
    assert_true(buf_append_string(&text, head));
    const char *hole = strstr(unit, "%zu");
    for (size_t i = 0; i < count; i++) {
        if (!hole)
            assert_true(buf_append_string(&text, unit));
        else
            assert_true(buf_printf(&text, "%.*s%zu%s", (int)(hole - unit), unit, i, hole + 3));
    }
    assert_true(buf_append_string(&text, tail));
    return text;
}

static void large_texts_pass(void **state)
{
    (void)state;
    static const struct {
        const char *head, *unit;
        size_t count;
        const char *tail;
        const char *error;
    } rows[] = {
        {"{", "\"key%zu\":1,", 100000, "\"z\":1}", NULL},
        {"{", "\"key%zu\":1,", 100000, "\"key99999\":1}", "duplicate key \"key99999\" at byte"},
        {"[", "%zu,", 100000, "0]", NULL},
        {"[", "0,", JSON_VALUES_MAX, "0]", "too many values at byte"},
        {"[", "{},", JSON_VALUES_MAX / JSON_CONTAINER_VALUES, "0]", "too many values at byte"},
        {"{\"", "k", 128 << 10, "\":1}", NULL},
        {"{\"code\":\"", "\\u0041", 1 << 20, "\"}", NULL},
        {"{\"code\":\"", "\\\"", 1 << 20, "\"}", NULL},
        {"{\"code\":\"", "0123456789", 1 << 20, "\"}", NULL},
        {"{\"", "k", (128 << 10) + 1, "\":1}", "key too long at byte 1"},
        {"", "0", 1 << 20, "", "leading zero at byte 0"},
        {"1", "0", 1 << 20, "", "number too long at byte 0"},
        {"0.", "0", 1 << 20, "", "number too long at byte 0"},
        {"", " ", 1 << 20, "1", NULL},
        {"\"", "\\", 1 << 20, "", "unexpected end of text at byte"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error err = {0};
        struct buf text = repeated(rows[i].head, rows[i].unit, rows[i].count, rows[i].tail);
        struct json *document = json_parse(text.data, text.len, &err);
        check((document == NULL) == (rows[i].error != NULL), "row %zu: %s", i, err.text);
        check(!rows[i].error || strstr(err.text, rows[i].error), "row %zu: %s", i, err.text);
        json_free(document);
        buf_release(&text);
    }
}

static void a_long_duplicate_is_named_in_short(void **state)
{
    (void)state;
    struct buf text = repeated("{\"a\":1,\"", "k", 100000, "\":1,\"a\":2}");
    struct error err = {0};
    assert_null(json_parse(text.data, text.len, &err));
    assert_string_equal(err.text, "duplicate key \"a\" at byte 100012");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_the_offset),
        cmocka_unit_test(a_cut_text_is_refused),
        cmocka_unit_test(parts_say_the_same),
        cmocka_unit_test(a_part_ends_where_it_should),
        cmocka_unit_test(depth_ends_at_the_maximum),
        cmocka_unit_test(large_texts_pass),
        cmocka_unit_test(a_long_duplicate_is_named_in_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
