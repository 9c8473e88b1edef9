/* json.h - reads strict JSON and writes valid JSON, with json-c inside.
 *
 * json-c 0.16, even when strict, accepts NaN, Infinity, single quotes, raw control characters,
 * duplicate keys, "\u0000" in keys (cutting them there), bytes after a NUL, and overlong UTF-8. It
 * saturates big integers, turns lone surrogates into U+FFFD, and writes invalid UTF-8 unchanged. So
 * our own parser reads the text (json_scan.h), and json-c only stores the values. Our parser
 * follows RFC 8259 and I-JSON: it refuses all of these and reports the byte offset. Depth is at
 * most JSON_DEPTH_MAX.
 *
 * The number of values is limited too, because json-c needs 60 bytes for a value and 300 to 900
 * bytes for a container, and a body of 8 MiB could hold four million values. A key counts as one
 * value, and an array or object as JSON_CONTAINER_VALUES.
 *
 * A value belongs to the document that it was read from. It is valid until json_free of that
 * document.
 */
#ifndef MAYFLY_JSON_H
#define MAYFLY_JSON_H

#include "common/buf.h"
#include "common/error.h"

#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 250000
#define JSON_CONTAINER_VALUES 8

struct json; /* a value; json.c alone knows json-c's struct json_object */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Parse all of data. Returns a document, owned by the caller (json_free); NULL on failure, with
 * ERR_INVALID. The error names the byte offset and, if known, the member: "duplicate key \"code\"
 * at byte 17"; "number out of range at byte 23, in \"timeout\"". Empty data is an error; it may be
 * NULL. */
struct json *json_parse(const uint8_t *data, size_t len, struct error *err);

/* ---- parsing in steps, so that a long text does not block the event loop ---- */

struct json_reader;

enum json_progress {
    JSON_MORE,   /* call again */
    JSON_DONE,   /* call json_reader_take */
    JSON_FAILED, /* err is set as by json_parse */
};

/* Borrows data until json_reader_free. max_values is at most JSON_VALUES_MAX. Allocates the values,
 * and data.len bytes for strings. Pages that are never written cost no memory. Returns NULL when
 * memory is out. */
struct json_reader *json_reader_new(struct bytes data, size_t max_values);
/* Read about `most_bytes` more bytes. A name is always read whole, however long. */
enum json_progress json_reader_step(struct json_reader *reader, size_t most_bytes,
                                    struct error *err);
/* Returns the document, owned by the caller. Call it once, after JSON_DONE. The document does not
 * need data or the reader any more. */
struct json *json_reader_take(struct json_reader *reader);
void json_reader_free(struct json_reader *reader); /* NULL is allowed */

/* ---- */

void json_free(struct json *document); /* takes it; NULL is allowed */

enum json_type json_type_of(const struct json *value); /* NULL is JSON_NULL */
const char *json_type_name(enum json_type type);       /* "string", "number", … */

/* Returns the value of an object's member, NULL when absent. */
const struct json *json_get(const struct json *object, const char *name);
/* Iterate over an object's members in order. Start with *position 0. *name is borrowed from the
 * object; it never contains a NUL. */
bool json_next(const struct json *object, size_t *position, const char **name,
               const struct json **value);
size_t json_array_len(const struct json *array);
const struct json *json_array_at(const struct json *array, size_t index);

/* Returns a string's bytes: valid UTF-8, which may contain NUL (from "\u0000"). */
struct bytes json_string(const struct json *value);
bool json_bool(const struct json *value);
/* Returns the number as the nearest double. Integers up to 2^53 are exact. */
double json_number(const struct json *value);
/* Returns true if the number is an integer that int64_t can hold (1, -0, 1.0, 1e3; not 1.5,
 * 1e300). */
bool json_integer(const struct json *value, int64_t *integer);

/* ---- writing: a small printer into a buf ----
 *
 * The printer writes the commas. It turns strings into valid UTF-8 and escapes them, so that the
 * text is safe in HTML, JavaScript and a terminal (escape.h). If out's cap is exceeded, ok becomes
 * false and stays so: check it once, at the end.
 */
struct json_out {
    struct buf *out;
    bool ok;
    bool comma; /* the next value of this container needs a comma before it */
};

void json_begin(struct json_out *json, struct buf *out);
void json_open(struct json_out *json, char bracket);  /* '{' or '[' */
void json_close(struct json_out *json, char bracket); /* '}' or ']' */
void json_key(struct json_out *json, const char *name);
void json_put_string(struct json_out *json, const uint8_t *data, size_t len);
void json_put_text(struct json_out *json, const char *string); /* NULL writes null */
void json_put_base64(struct json_out *json, const uint8_t *data, size_t len);
void json_put_uint(struct json_out *json, uint64_t number);
void json_put_int(struct json_out *json, int64_t number);
void json_put_real(struct json_out *json, double number); /* finite */
/* Write nanoseconds as seconds, rounded to microseconds, without trailing zeros: 4100000 becomes
 * 0.0041. */
void json_put_seconds(struct json_out *json, uint64_t ns);
void json_put_bool(struct json_out *json, bool value);
void json_put_null(struct json_out *json);
/* Open and close a string. In between, the caller appends its escaped content to out, by escape_put
 * or as base64. */
void json_open_string(struct json_out *json);
void json_close_string(struct json_out *json);

/* Write a member of an object: its key and its value. */
void json_member_text(struct json_out *json, const char *name, const char *string);
void json_member_uint(struct json_out *json, const char *name, uint64_t number);
void json_member_bool(struct json_out *json, const char *name, bool value);
void json_member_seconds(struct json_out *json, const char *name, uint64_t ns);

#endif
