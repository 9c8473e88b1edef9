/* json_scan.h - is this text JSON, strictly? The gate in front of json-c, for common/json alone.
 *
 * Pure: one pass, no allocation, recursion at most JSON_DEPTH_MAX deep. Builds nothing and looks at
 * no name: duplicate keys are its caller's to find, with the callback.
 */
#ifndef MAYFLY_JSON_SCAN_H
#define MAYFLY_JSON_SCAN_H

#include "common/json.h"

/* A member's name as it stands in the text: between its quotes, escapes and all. Lent. */
struct json_scan_key {
    size_t object; /* which object of the text it belongs to, counted from 1 in order of '{' */
    size_t offset; /* of the opening quote */
    struct bytes raw;
};

/* False, with err set, ends the scan. */
typedef bool (*json_scan_on_key)(void *arg, const struct json_scan_key *key, struct error *err);

/* Check the whole of data against RFC 8259's grammar, and refuse what a json_parse must not pass
 * on: ill-formed UTF-8, lone surrogates, "\u0000" in a key, numbers that neither int64_t, uint64_t
 * nor a finite double stands for, nesting deeper than JSON_DEPTH_MAX, more values than
 * JSON_VALUES_MAX. Calls on_key (unless NULL) for each key in order, and sets *members to their
 * number. Fails with ERR_INVALID, naming the byte offset and the member whose value it is in. */
bool json_scan(const uint8_t *data, size_t len, json_scan_on_key on_key, void *arg, size_t *members,
               struct error *err);

#endif
