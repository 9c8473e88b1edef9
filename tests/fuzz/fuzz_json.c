/* Checks JSON: a text that is accepted must give the same values, and the same text, when it is
 * written and read again. A refused text must give an error with the position. Any bytes written as
 * a string must read back sanitised. Reading a text in parts must give the same result as reading
 * it at once.
 */
#include "fuzz.h"

#include "common/json.h"
#include "common/utf8.h"

/* Write a number with %.17g, which reads back as the same double. */
static void put_number(struct json_out *json, const struct json *value)
{
    int64_t integer;
    char text[40];
    if (json_integer(value, &integer)) {
        json_put_int(json, integer);
        return;
    }
    snprintf(text, sizeof(text), "%.17g", json_number(value));
    json_put_null(json); /* writes the comma; the number then replaces the null */
    buf_truncate(json->out, json->out->len - strlen("null"));
    must(buf_append_string(json->out, text));
}

static void put_value(struct json_out *json, const struct json *value, unsigned depth)
{
    const char *name;
    const struct json *member;
    size_t position = 0;
    must(depth <= JSON_DEPTH_MAX);
    switch (json_type_of(value)) {
    case JSON_NULL:
        json_put_null(json);
        break;
    case JSON_BOOL:
        json_put_bool(json, json_bool(value));
        break;
    case JSON_NUMBER:
        put_number(json, value);
        break;
    case JSON_STRING:
        must(utf8_is_valid(json_string(value).data, json_string(value).len));
        json_put_string(json, json_string(value).data, json_string(value).len);
        break;
    case JSON_ARRAY:
        json_open(json, '[');
        for (size_t i = 0; i < json_array_len(value); i++)
            put_value(json, json_array_at(value, i), depth + 1);
        json_close(json, ']');
        break;
    case JSON_OBJECT:
        json_open(json, '{');
        while (json_next(value, &position, &name, &member)) {
            must(json_get(value, name) == member);
            json_key(json, name);
            put_value(json, member, depth + 1);
        }
        json_close(json, '}');
        break;
    }
}

static struct buf written(const struct json *document)
{
    struct buf text;
    struct json_out json;
    buf_init(&text, (size_t)64 << 20);
    json_begin(&json, &text);
    put_value(&json, document, 0);
    must(json.ok);
    return text;
}

static void check_accepted(const struct json *document)
{
    struct buf text = written(document);
    struct error err = {0};
    struct json *again = json_parse(text.data, text.len, &err);
    must(again != NULL);
    struct buf second = written(again);
    must(same_bytes(buf_bytes(&text), buf_bytes(&second)));
    json_free(again);
    buf_release(&second);
    buf_release(&text);
}

/* Check that any bytes written as a string read back sanitised. */
static void check_string(const uint8_t *data, size_t len)
{
    struct buf text, sane;
    struct json_out json;
    buf_init(&text, 6 * len + 2);
    buf_init(&sane, 3 * len);
    json_begin(&json, &text);
    json_put_string(&json, data, len);
    must(json.ok);
    must(utf8_sanitize(&sane, data, len));
    struct json *string = json_parse(text.data, text.len, NULL);
    must(string != NULL);
    must(same_bytes(json_string(string), buf_bytes(&sane)));
    json_free(string);
    buf_release(&text);
    buf_release(&sane);
}

/* Check that reading in parts gives the same values, or the same error text, as reading at once. */
static void check_parts(const uint8_t *data, size_t len, const struct json *document,
                        const struct error *why)
{
    struct error err = {0};
    enum json_progress progress = JSON_MORE;
    struct json_reader *reader = json_reader_new(bytes_of(data, len), JSON_VALUES_MAX);
    must(reader != NULL);
    size_t most = 1 + len % 7;
    for (size_t steps = 0; progress == JSON_MORE; steps++) {
        must(steps <= len);
        progress = json_reader_step(reader, most, &err);
    }
    must((progress == JSON_DONE) == (document != NULL));
    must(document || strcmp(err.text, why->text) == 0);
    if (document) {
        struct json *again = json_reader_take(reader);
        struct buf text = written(document), second = written(again);
        must(same_bytes(buf_bytes(&text), buf_bytes(&second)));
        buf_release(&text);
        buf_release(&second);
        json_free(again);
    }
    json_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct error err = {0};
    struct json *document = json_parse(data, len, &err);
    if (document) {
        must(utf8_is_valid(data, len));
        check_accepted(document);
    } else {
        must(err.kind == ERR_INVALID && strstr(err.text, " at byte "));
    }
    check_parts(data, len, document, &err);
    json_free(document);
    check_string(data, len);
    return 0;
}
