/* json.h - reads strict JSON and writes valid JSON, with json-c inside.
 *
 * json-c 0.16, even when strict, accepts NaN, Infinity, single quotes, raw control characters,
 * duplicate keys, "\u0000" in keys (cutting them there), bytes after a NUL, and overlong UTF-8. It
 * saturates big integers, turns lone surrogates into U+FFFD, and writes invalid UTF-8 unchanged. So
 * our own parser reads the text (json_scan.h), and json-c only holds the values. The parser refuses
 * all of these (RFC 8259 and I-JSON), with the byte offset in the error. Depth is at most
 * JSON_DEPTH_MAX.
 *
 * The number of values is limited, too. Keys count as values, and an array or object counts as
 * JSON_CONTAINER_VALUES. json-c needs 60 bytes for a value and 300 to 900 bytes for a container. A
 * body of 8 MiB could hold four million values.
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

/* Parse the whole of data. Returns a document, owned by the caller (json_free). Fails with NULL and
 * ERR_INVALID. The error names the byte offset, and the member there ("duplicate key \"code\" at
 * byte 17"; "number out of range at byte 23, in \"timeout\""). With len 0, which is an error, data
 * may be NULL. */
struct json *json_parse(const uint8_t *data, size_t len, struct error *err);

/* ---- parsing a part of the text at a time, for a loop that must not be held up ---- */

struct json_reader;

enum json_progress {
    JSON_MORE,   /* call again */
    JSON_DONE,   /* json_reader_take */
    JSON_FAILED, /* err is set as by json_parse */
};

/* Borrows data until json_reader_free. max_values is at most JSON_VALUES_MAX. Uses as much memory
 * as data has, page by page as strings are read, and the memory of the values. Returns NULL when
 * memory is out. */
struct json_reader *json_reader_new(struct bytes data, size_t max_values);
/* Read about `most_bytes` more bytes; a name is read whole. */
enum json_progress json_reader_step(struct json_reader *reader, size_t most_bytes,
                                    struct error *err);
/* Returns the document, once, owned by the caller. It stays valid without the text. */
struct json *json_reader_take(struct json_reader *reader);
void json_reader_free(struct json_reader *reader); /* NULL is allowed */

/* ---- */

void json_free(struct json *document); /* takes it; NULL is allowed */

enum json_type json_type_of(const struct json *value); /* NULL is JSON_NULL */
const char *json_type_name(enum json_type type);       /* "string", "number", … */

/* An object's member, NULL when absent. */
const struct json *json_get(const struct json *object, const char *name);
/* Walk an object's members in order. Start with *position 0. The name is borrowed, NUL-terminated,
 * without inner NULs. */
bool json_next(const struct json *object, size_t *position, const char **name,
               const struct json **value);
size_t json_array_len(const struct json *array);
const struct json *json_array_at(const struct json *array, size_t index);

/* Returns a string's bytes. They are valid UTF-8 and may hold NUL (from "\u0000"). */
struct bytes json_string(const struct json *value);
bool json_bool(const struct json *value);
/* Returns a number's value as the closest double. Integers up to 2^53 are exact. */
double json_number(const struct json *value);
/* Returns true when int64_t holds the number exactly (1, -0, 1.0, 1e3; not 1.5, 1e300). */
bool json_integer(const struct json *value, int64_t *integer);

/* ---- writing: a small printer into a buf ----
 *
 * The printer writes the commas. It makes strings valid UTF-8 and escapes them, so that the text is
 * safe in HTML, JavaScript and a terminal (escape.h). After a failure (out's cap), ok stays false:
 * check it at the end.
 */
struct json_out {
    struct buf *out;
    bool ok;
    bool comma; /* a value was written at this level already */
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
/* Write seconds to the microsecond, without trailing zeros: 0.0041 for 4100000. */
void json_put_seconds(struct json_out *json, uint64_t ns);
void json_put_bool(struct json_out *json, bool value);
void json_put_null(struct json_out *json);
/* Open and close a string whose inside the caller appends to out, from escape_put or base64. */
void json_open_string(struct json_out *json);
void json_close_string(struct json_out *json);

/* Write a member of an object: its key and its value. */
void json_member_text(struct json_out *json, const char *name, const char *string);
void json_member_uint(struct json_out *json, const char *name, uint64_t number);
void json_member_bool(struct json_out *json, const char *name, bool value);
void json_member_seconds(struct json_out *json, const char *name, uint64_t ns);

#endif
