/* json.c - the reading half of json.h: a strict scan of our own first, then json-c builds the tree.
 *
 * `struct json` is json-c's struct json_object. json-c's null is the NULL pointer; ours, which must
 * differ from "no such member", is the address of a byte.
 *
 * Duplicate keys: json-c keeps the last of them, so that a tree has fewer members than the scan
 * counted keys. Only then is the text scanned again, with a set of the names seen, to say which key
 * it is.
 */
#include "common/json.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "common/json_scan.h"

/* Two of json-c's names are ours too: give its own another here. */
#define json_bool json_c_bool
#define json_type json_c_type
#include <json-c/json.h>
#undef json_bool
#undef json_type

#define KEY_SHOWN_BYTES 60
#define EXACT_INTEGERS_END                                                                         \
    9007199254740992.0 /* 2^53: below it every integer has a double of its own */

static const char null_value;

static struct json *wrap(struct json_object *value)
{
    return value ? (struct json *)value : (struct json *)&null_value;
}

static struct json_object *unwrap(const struct json *value)
{
    return value == (const struct json *)&null_value ? NULL : (struct json_object *)value;
}

/* ---- building ---- */

static bool build(const uint8_t *data, size_t len, struct json_object **tree, struct error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
    if (!tokener)
        return error_set(err, ERR_SYSTEM, "no memory for a JSON text");
    json_tokener_set_flags(
        tokener, JSON_TOKENER_STRICT); /* UTF-8 is checked: twice would take twice as long */
    *tree = json_tokener_parse_ex(tokener, (const char *)data, (int)len);
    if (json_tokener_get_error(tokener) ==
        json_tokener_continue) /* "5" may go on: say that it does not */
        *tree = json_tokener_parse_ex(tokener, "", 1);
    bool ok = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    return ok || error_set(err, ERR_INVALID, "not a JSON text");
}

static size_t count_members(struct json_object *value)
{
    size_t count = 0;
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            count += 1 + count_members(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            count += count_members(json_object_array_get_idx(value, i));
    }
    return count;
}

/* ---- naming a duplicate ---- */

/* Append the name that `raw` spells, its escapes undone. */
static bool append_name(struct buf *out, struct bytes raw)
{
    if (raw.len == 0 || !memchr(raw.data, '\\', raw.len))
        return buf_append(out, raw.data, raw.len);
    struct json_object *name = NULL; /* the quotes stand around it in the text */
    bool ok = build(raw.data - 1, raw.len + 2, &name, NULL) &&
              buf_append_string(out, json_object_get_string(name));
    json_object_put(name);
    return ok;
}

/* Look the key up in the set `seen` as "object number:name", and add it. */
static bool on_key(void *seen, const struct json_scan_key *key, struct error *err)
{
    struct buf name;
    buf_init(&name, key->raw.len + 32);
    bool ok = buf_printf(&name, "%zu:", key->object) && append_name(&name, key->raw) &&
              buf_append(&name, "", 1);
    if (!ok)
        error_set(err, ERR_SYSTEM, "no memory for a JSON text");
    const char *text = (const char *)name.data;
    if (ok && json_object_object_get_ex(seen, text, NULL))
        ok = error_set(err, ERR_INVALID, "duplicate key \"%.*s\" at byte %zu", KEY_SHOWN_BYTES,
                       strchr(text, ':') + 1, key->offset);
    else if (ok)
        json_object_object_add(seen, text, NULL);
    buf_release(&name);
    return ok;
}

static bool name_duplicate(const uint8_t *data, size_t len, struct error *err)
{
    struct json_object *seen = json_object_new_object();
    size_t members;
    if (json_scan(data, len, on_key, seen, &members, err))
        error_set(err, ERR_INVALID, "duplicate key");
    json_object_put(seen);
    return false;
}

/* ---- the document ---- */

struct json *json_parse(const uint8_t *data, size_t len, struct error *err)
{
    size_t members;
    struct json_object *tree = NULL;
    if (len >= INT_MAX) {
        error_set(err, ERR_INVALID, "text too long");
        return NULL;
    }
    if (!json_scan(data, len, NULL, NULL, &members, err) || !build(data, len, &tree, err))
        return NULL;
    if (count_members(tree) == members)
        return wrap(tree);
    name_duplicate(data, len, err);
    json_object_put(tree);
    return NULL;
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

/* *position holds the address of the entry given last. */
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
            return false; /* json-c saturates */
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
