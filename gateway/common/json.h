/* json.h - strict JSON in, always-valid JSON out; json-c behind it.
 *
 * json-c 0.16, strict, still takes NaN, Infinity, single quotes, raw control characters, duplicate
 * keys, "\u0000" in keys (cutting them there), bytes after a NUL, and overlong UTF-8; it saturates
 * big integers, turns lone surrogates into U+FFFD, and writes invalid UTF-8 as it is. So a parser
 * of our own reads the text (json_scan.h), and json-c only holds the values. It refuses every one
 * of these (RFC 8259 and I-JSON), with the byte offset in the error. Depth is at most
 * JSON_DEPTH_MAX. A text of more values than its reader allows is refused too, keys counted, and an
 * array or object as JSON_CONTAINER_VALUES: json-c takes 60 bytes for the one, 300 to 900 bytes for
 * the other, and a body of 8 MiB could hold four million.
 *
 * A value belongs to the document that it was read from and is lent until json_free of that
 * document.
 */
#ifndef MAYFLY_JSON_H
#define MAYFLY_JSON_H

#include "common/buf.h"
#include "common/error.h"

#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 250000
#define JSON_CONTAINER_VALUES 8

struct json; /* a value: in fact json-c's struct json_object, which no other file names */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Parse the whole of data. Returns a document, owned by the caller (json_free), or NULL with
 * ERR_INVALID and a sentence that names the byte offset, and the member that it is in ("duplicate
 * key \"code\" at byte 17"; "number out of range at byte 23, in \"timeout\""). NULL-safe on len 0:
 * an error. */
struct json *json_parse(const uint8_t *data, size_t len, struct error *err);

/* ---- the same, a part of the text at a time: for a loop that must not be held up ---- */

struct json_reader;

enum json_progress {
    JSON_MORE,   /* call again */
    JSON_DONE,   /* json_reader_take */
    JSON_FAILED, /* err says why, as json_parse's */
};

/* Lends data until json_reader_free. max_values: at most JSON_VALUES_MAX. Memory: as much as data,
 * touched as strings are read, and what the values take. NULL on no memory. */
struct json_reader *json_reader_new(struct bytes data, size_t max_values);
/* Read some `most_bytes` more; a name is read whole. */
enum json_progress json_reader_step(struct json_reader *reader, size_t most_bytes,
                                    struct error *err);
/* The document, once: it does not need the text. Owned by the caller. */
struct json *json_reader_take(struct json_reader *reader);
void json_reader_free(struct json_reader *reader); /* NULL is fine */

/* ---- */

void json_free(struct json *document); /* takes it; NULL is fine */

enum json_type json_type_of(const struct json *value); /* NULL is JSON_NULL */
const char *json_type_name(enum json_type type);       /* "string", "number", … */

/* An object's member, NULL when absent. */
const struct json *json_get(const struct json *object, const char *name);
/* Walk an object's members in order: start with *position 0. The name is lent, NUL-terminated,
 * without inner NULs. */
bool json_next(const struct json *object, size_t *position, const char **name,
               const struct json **value);
size_t json_array_len(const struct json *array);
const struct json *json_array_at(const struct json *array, size_t index);

/* A string's bytes: valid UTF-8, may hold NUL (from "\u0000"). */
struct bytes json_string(const struct json *value);
bool json_bool(const struct json *value);
/* A number's value, as the closest double; exact for integers to 2^53. */
double json_number(const struct json *value);
/* True when the number is an integer that int64_t holds exactly (1, -0, 1.0, 1e3 are; 1.5, 1e300
 * are not). */
bool json_integer(const struct json *value, int64_t *integer);

/* ---- writing: a small printer into a buf ----
 *
 * Commas are put by the printer. Strings are made valid UTF-8 and escaped, so that the text may
 * stand in HTML, JavaScript and a terminal too (escape.h). A failure (out's cap) sticks: check ok
 * at the end. */
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
/* 0.0041 for 4100000: to the microsecond, without zeros at the end. */
void json_put_seconds(struct json_out *json, uint64_t ns);
void json_put_bool(struct json_out *json, bool value);
void json_put_null(struct json_out *json);
/* A string whose inside the caller appends to out: escape_put's, or base64. */
void json_open_string(struct json_out *json);
void json_close_string(struct json_out *json);

/* A member of an object: its key and its value. */
void json_member_text(struct json_out *json, const char *name, const char *string);
void json_member_uint(struct json_out *json, const char *name, uint64_t number);
void json_member_bool(struct json_out *json, const char *name, bool value);
void json_member_seconds(struct json_out *json, const char *name, uint64_t ns);

#endif
