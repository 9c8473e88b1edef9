/* json.c - the reading half of json.h: turns the events of json_scan.h into a tree of json-c's
 * objects.
 *
 * `struct json` is json-c's struct json_object. json-c represents null by a NULL pointer. Ours is
 * the address of `null_value`, because NULL means "no such member".
 *
 * A container is put into the tree when its opening bracket is read, so that freeing the root frees
 * everything. A member's name is first added with the value null, as the object's last member. Its
 * value then replaces that null.
 *
 * json-c copies each string in one step, which would block the loop for a long one. So a long
 * string stays in the memory that the scan wrote it to. Its json-c string is empty and points to a
 * `struct lodging` with the bytes.
 */
#include "common/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_scan.h"

/* json-c also defines json_bool and json_type. Rename its names. */
#define json_bool json_c_bool
#define json_type json_c_type
#include <json-c/json.h>
#undef json_bool
#undef json_type

#define NAME_SHOWN_BYTES 60
#define LONG_STRING_BYTES ((size_t)16 << 10)
#define EXACT_INTEGERS_END                                                                         \
    9007199254740992.0 /* 2^53: every smaller integer has a double of its own */

static const char null_value;

/* json-c's userdata of a long string, and of the root of a document that contains long strings. */
struct lodging {
    struct bytes string; /* in a long string: its bytes */
    uint8_t *text;       /* in the root: the memory of all long strings, owned */
};

struct json_reader {
    struct json_scan scan;
    struct json_object *root;
    struct json_object *open[JSON_DEPTH_MAX]; /* the open containers, root first */
    unsigned depth;
};

static struct json *wrap(struct json_object *value)
{
    return value ? (struct json *)value : (struct json *)&null_value;
}

static struct json_object *unwrap(const struct json *value)
{
    return value == (const struct json *)&null_value ? NULL : (struct json_object *)value;
}

/* ---- long strings ---- */

static void free_lodging(struct json_object *value, void *userdata)
{
    struct lodging *lodging = userdata;
    (void)value;
    free(lodging->text);
    free(lodging);
}

/* Returns the value's lodging, and creates it if necessary. Returns NULL when memory is out. */
static struct lodging *lodge(struct json_object *value)
{
    struct lodging *lodging = json_object_get_userdata(value);
    if (lodging)
        return lodging;
    lodging = calloc(1, sizeof *lodging);
    if (lodging)
        json_object_set_userdata(value, lodging, free_lodging);
    return lodging;
}

/* ---- building: the scan's sink ---- */

static bool fail_for_memory(struct error *err)
{
    return error_set(err, ERR_SYSTEM, "no memory for a JSON text");
}

/* Add the value to the innermost open container. Takes the value, also on failure. */
static bool attach(struct json_reader *reader, struct json_object *value, struct error *err)
{
    struct json_object *around = reader->depth > 0 ? reader->open[reader->depth - 1] : NULL;
    if (!around) {
        reader->root = value;
    } else if (json_object_is_type(around, json_type_object)) {
        json_object_get_object(around)->tail->v = value;
    } else if (json_object_array_add(around, value) != 0) {
        json_object_put(value);
        return fail_for_memory(err);
    }
    return true;
}

static bool on_open(void *arg, char bracket, struct error *err)
{
    struct json_reader *reader = arg;
    struct json_object *value = bracket == '{' ? json_object_new_object() : json_object_new_array();
    if (!value)
        return fail_for_memory(err);
    if (!attach(reader, value, err))
        return false;
    reader->open[reader->depth++] = value;
    return true;
}

static void on_close(void *arg)
{
    struct json_reader *reader = arg;
    reader->depth--;
}

static bool on_name(void *arg, struct bytes name, size_t offset, struct error *err)
{
    const struct json_reader *reader = arg;
    struct json_object *object = reader->open[reader->depth - 1];
    const char *text = (const char *)name.data;
    if (json_object_object_get_ex(object, text, NULL))
        return error_set(err, ERR_INVALID, "duplicate key \"%.*s\" at byte %zu", NAME_SHOWN_BYTES,
                         text, offset);
    return json_object_object_add_ex(object, text, NULL, JSON_C_OBJECT_ADD_KEY_IS_NEW) == 0 ||
           fail_for_memory(err);
}

static bool on_string(void *arg, struct bytes string, bool *is_kept, struct error *err)
{
    bool is_long = string.len >= LONG_STRING_BYTES;
    struct json_object *value =
        json_object_new_string_len((const char *)string.data, is_long ? 0 : (int)string.len);
    struct lodging *lodging = is_long && value ? lodge(value) : NULL;
    if (!value || (is_long && !lodging)) {
        json_object_put(value);
        return fail_for_memory(err);
    }
    if (lodging)
        lodging->string = string;
    *is_kept = is_long;
    return attach(arg, value, err);
}

static bool on_number(void *arg, const struct json_scan_number *number, struct error *err)
{
    struct json_object *value;
    if (!number->is_integer)
        value = json_object_new_double(number->real);
    else if (number->is_negative)
        value = json_object_new_int64((int64_t)(0 - number->magnitude));
    else if (number->magnitude <= INT64_MAX)
        value = json_object_new_int64((int64_t)number->magnitude);
    else
        value = json_object_new_uint64(number->magnitude);
    return value ? attach(arg, value, err) : fail_for_memory(err);
}

static bool on_word(void *arg, char first, struct error *err)
{
    struct json_object *value = first == 'n' ? NULL : json_object_new_boolean(first == 't');
    return value || first == 'n' ? attach(arg, value, err) : fail_for_memory(err);
}

static const struct json_scan_sink sink = {
    .on_open = on_open,
    .on_close = on_close,
    .on_name = on_name,
    .on_string = on_string,
    .on_number = on_number,
    .on_word = on_word,
};

/* ---- the document ---- */

struct json_reader *json_reader_new(struct bytes data, size_t max_values)
{
    struct json_reader *reader = calloc(1, sizeof *reader);
    uint8_t *text = calloc(data.len > 0 ? data.len : 1, 1);
    if (!reader || !text) {
        free(reader);
        free(text);
        return NULL;
    }
    reader->scan = (struct json_scan){
        .data = data, .text = text, .max_values = max_values, .sink = &sink, .arg = reader};
    return reader;
}

enum json_progress json_reader_step(struct json_reader *reader, size_t most_bytes,
                                    struct error *err)
{
    enum json_progress progress = json_scan(&reader->scan, most_bytes, err);
    if (progress != JSON_DONE || reader->scan.text_len == 0)
        return progress;
    struct lodging *lodging = lodge(reader->root);
    if (!lodging) {
        fail_for_memory(err);
        return JSON_FAILED;
    }
    lodging->text = reader->scan.text;
    reader->scan.text = NULL;
    return JSON_DONE;
}

struct json *json_reader_take(struct json_reader *reader)
{
    struct json_object *root = reader->root;
    reader->root = NULL;
    return wrap(root);
}

void json_reader_free(struct json_reader *reader)
{
    if (!reader)
        return;
    json_object_put(reader->root);
    free(reader->scan.text);
    free(reader);
}

struct json *json_parse(const uint8_t *data, size_t len, struct error *err)
{
    struct json *document = NULL;
    struct json_reader *reader = json_reader_new(bytes_of(data, len), JSON_VALUES_MAX);
    if (!reader)
        fail_for_memory(err);
    else if (json_reader_step(reader, SIZE_MAX, err) == JSON_DONE)
        document = json_reader_take(reader);
    json_reader_free(reader);
    return document;
}

void json_free(struct json *document)
{
    json_object_put(unwrap(document));
}

/* ---- looking at values ---- */

enum json_type json_type_of(const struct json *value)
{
    switch (json_object_get_type(unwrap(value))) {
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_double:
    case json_type_int:
        return JSON_NUMBER;
    case json_type_string:
        return JSON_STRING;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    case json_type_null:
        break;
    }
    return JSON_NULL;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    return names[type];
}

const struct json *json_get(const struct json *object, const char *name)
{
    struct json_object *member;
    if (!json_object_object_get_ex(unwrap(object), name, &member))
        return NULL;
    return wrap(member);
}

/* *position stores the address of the entry returned last. */
bool json_next(const struct json *object, size_t *position, const char **name,
               const struct json **value)
{
    struct lh_table *table = json_object_get_object(unwrap(object));
    if (!table)
        return false;
    struct lh_entry *last = (struct lh_entry *)*position;
    struct lh_entry *entry = last ? last->next : table->head;
    if (!entry)
        return false;
    *position = (size_t)entry;
    *name = entry->k;
    *value = wrap((struct json_object *)lh_entry_v(entry));
    return true;
}

size_t json_array_len(const struct json *array)
{
    struct json_object *value = unwrap(array);
    return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

const struct json *json_array_at(const struct json *array, size_t index)
{
    if (index >= json_array_len(array))
        return NULL;
    return wrap(json_object_array_get_idx(unwrap(array), index));
}

struct bytes json_string(const struct json *value)
{
    struct json_object *string = unwrap(value);
    if (!json_object_is_type(string, json_type_string))
        return bytes_of(NULL, 0);
    const struct lodging *lodging = json_object_get_userdata(string);
    if (lodging && lodging->string.data)
        return lodging->string;
    return bytes_of(json_object_get_string(string), (size_t)json_object_get_string_len(string));
}

bool json_bool(const struct json *value)
{
    struct json_object *boolean = unwrap(value);
    return json_object_is_type(boolean, json_type_boolean) && json_object_get_boolean(boolean);
}

double json_number(const struct json *value)
{
    return json_type_of(value) == JSON_NUMBER ? json_object_get_double(unwrap(value)) : 0;
}

bool json_integer(const struct json *value, int64_t *integer)
{
    struct json_object *number = unwrap(value);
    if (json_object_is_type(number, json_type_int)) {
        int64_t exact = json_object_get_int64(number);
        if (exact == INT64_MAX && json_object_get_uint64(number) > INT64_MAX)
            return false;
        *integer = exact;
        return true;
    }
    double real = json_number(value);
    bool exact = json_object_is_type(number, json_type_double) && fabs(real) < EXACT_INTEGERS_END &&
                 trunc(real) == real;
    if (exact)
        *integer = (int64_t)real;
    return exact;
}
