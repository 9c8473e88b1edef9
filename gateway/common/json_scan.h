/* json_scan.h - reads strict JSON, a part of the text in each call. Only common/json*.c use it.
 *
 * Each call reads some more bytes and reports tokens to a set of callbacks, the sink: containers,
 * names, unescaped strings, numbers, and the words true, false and null. It allocates nothing.
 * Finding duplicate keys is left to the sink.
 *
 *          .-- '{' --> FIRST_KEY ---.
 *   VALUE -+-- '[' --> FIRST_ELEMENT +-- ... KEY -> COLON -> VALUE ... -- ']' or '}' -.
 *          +-- '"' --> STRING -------------------------------------------------------+--> SEPARATOR
 *          '-- a number, a word ------------------------------------------------------'    or END
 */
#ifndef MAYFLY_JSON_SCAN_H
#define MAYFLY_JSON_SCAN_H

#include "common/json.h"

/* The longest name allowed, in bytes of the text. A name is read in one step, so it must not be
 * long. */
#define JSON_NAME_MAX_BYTES ((size_t)128 << 10)
/* json-c copies names, so all names of a text together may have at most max_values times this many
 * bytes. */
#define JSON_NAMES_SHARE_BYTES 128

struct json_scan_number {
    bool is_integer; /* true: `magnitude` has the value; false: `real` has it */
    bool is_negative;
    uint64_t magnitude; /* at most 2^63 for a negative number */
    double real;
};

/* A callback can stop the scan: it sets *err and returns false. Bytes are valid during the call. */
struct json_scan_sink {
    bool (*on_open)(void *arg, char bracket, struct error *err);
    void (*on_close)(void *arg);
    /* `name` contains no NUL and is followed by one. `offset` is the position of its opening
     * quote. */
    bool (*on_name)(void *arg, struct bytes name, size_t offset, struct error *err);
    /* Set *is_kept if the sink needs the bytes after the call. They then stay valid, at this place
     * in `text`. */
    bool (*on_string)(void *arg, struct bytes string, bool *is_kept, struct error *err);
    bool (*on_number)(void *arg, const struct json_scan_number *number, struct error *err);
    bool (*on_word)(void *arg, char first, struct error *err); /* 't', 'f' or 'n' */
};

enum json_scan_state {
    JSON_SCAN_VALUE,
    JSON_SCAN_STRING, /* inside a string value */
    JSON_SCAN_FIRST_ELEMENT,
    JSON_SCAN_FIRST_KEY,
    JSON_SCAN_KEY,
    JSON_SCAN_COLON,
    JSON_SCAN_SEPARATOR,
    JSON_SCAN_END,
};

/* To initialise: zero it, then set the members above `state`. */
struct json_scan {
    struct bytes data; /* the whole text, borrowed */
    uint8_t *text;     /* space for data.len bytes, borrowed: unescaped strings are written here */
    size_t max_values; /* keys count too, and a container counts as JSON_CONTAINER_VALUES */
    const struct json_scan_sink *sink;
    void *arg;
    /* private */
    enum json_scan_state state;
    size_t at;
    /* length of all strings that the sink has kept, and of the current string */
    size_t text_len;
    size_t string_begin; /* offset of the current string in text */
    bool has_nul;        /* the current string contains a NUL */
    size_t values, names_bytes;
    unsigned depth;
    struct {
        char closing;
        struct bytes outer_key;
    } levels[JSON_DEPTH_MAX];
    struct bytes name; /* the last name that was read, escapes included */
    /* the name of the innermost member whose value is being read, escapes included; empty if there
     * is none */
    struct bytes key;
    struct error *err;
};

/* Read about `most_bytes` more bytes; a name or number is always read whole. Refuses everything
 * outside of RFC 8259's grammar, and the cases listed in json.h. On JSON_FAILED, *err is what the
 * sink set, or an ERR_INVALID that names the byte offset and the member. */
enum json_progress json_scan(struct json_scan *scan, size_t most_bytes, struct error *err);

#endif
