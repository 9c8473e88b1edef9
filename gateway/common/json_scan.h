/* json_scan.h - strict JSON, a part of the text at a time. For common/json alone.
 *
 * Each call reads some bytes more and reports what it met to a sink: containers, names, strings
 * with their escapes undone, numbers, words. It allocates nothing, builds nothing and compares no
 * names: duplicate keys are its sink's to find.
 *
 *          .-- '{' --> FIRST_KEY ---.
 *   VALUE -+-- '[' --> FIRST_ELEMENT +-- ... KEY -> COLON -> VALUE ... -- ']' or '}' -.
 *          +-- '"' --> STRING -------------------------------------------------------+--> SEPARATOR
 *          '-- a number, a word ------------------------------------------------------'    or END
 */
#ifndef MAYFLY_JSON_SCAN_H
#define MAYFLY_JSON_SCAN_H

#include "common/json.h"

/* A name longer than that, escapes and all, is refused: names are read in one piece. */
#define JSON_NAME_MAX_BYTES ((size_t)128 << 10)
/* The names of a text may take so many bytes for each value that it may have, since json-c copies
 * them. */
#define JSON_NAMES_SHARE_BYTES 128

struct json_scan_number {
    bool is_integer; /* written as one: then magnitude holds it, else real does */
    bool is_negative;
    uint64_t magnitude; /* of a negative one at most 2^63 */
    double real;
};

/* False, with the scan's err set, ends the scan. Bytes are lent for the call. */
struct json_scan_sink {
    bool (*on_open)(void *arg, char bracket, struct error *err);
    void (*on_close)(void *arg);
    /* A name without NUL inside, and with one behind it. offset: of its opening quote. */
    bool (*on_name)(void *arg, struct bytes name, size_t offset, struct error *err);
    /* *is_kept true: the sink lends the bytes on, so that they stay where they are in `text`. */
    bool (*on_string)(void *arg, struct bytes string, bool *is_kept, struct error *err);
    bool (*on_number)(void *arg, const struct json_scan_number *number, struct error *err);
    bool (*on_word)(void *arg, char first, struct error *err); /* 't', 'f' or 'n' */
};

enum json_scan_state {
    JSON_SCAN_VALUE,
    JSON_SCAN_STRING, /* within a value */
    JSON_SCAN_FIRST_ELEMENT,
    JSON_SCAN_FIRST_KEY,
    JSON_SCAN_KEY,
    JSON_SCAN_COLON,
    JSON_SCAN_SEPARATOR,
    JSON_SCAN_END,
};

/* Zero-initialised plus the first group is one at the beginning. */
struct json_scan {
    struct bytes data; /* the whole text, lent */
    uint8_t *text;     /* room for data.len bytes, lent: decoded strings */
    size_t max_values; /* keys counted, and a container as JSON_CONTAINER_VALUES */
    const struct json_scan_sink *sink;
    void *arg;
    /* its own */
    enum json_scan_state state;
    size_t at;
    size_t text_len;     /* of what the sink keeps, and of the string at hand */
    size_t string_begin; /* in text */
    bool has_nul;        /* in the string at hand */
    size_t values, names_bytes;
    unsigned depth;
    struct {
        char closing;
        struct bytes outer_key;
    } levels[JSON_DEPTH_MAX];
    struct bytes name; /* read, its value not begun: as in the text */
    struct bytes key;  /* of the member whose value is at hand, as in the text; empty: of none */
    struct error *err;
};

/* Read some `most_bytes` more. Refuses what RFC 8259's grammar does not allow, and what json.h says
 * besides. JSON_FAILED: err, of ERR_INVALID, names the byte offset and the member whose value it is
 * in; or it is the sink's. */
enum json_progress json_scan(struct json_scan *scan, size_t most_bytes, struct error *err);

#endif
