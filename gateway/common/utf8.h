/* utf8.h - strict UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
 *
 * Pure; constant memory; safe on any bytes.
 */
#ifndef MAYFLY_UTF8_H
#define MAYFLY_UTF8_H

#include "common/buf.h"

#define UTF8_CHARACTER_MAX_BYTES 4

/* How many leading bytes are valid UTF-8: len when all are. A character cut off by the end is not
 * counted. */
size_t utf8_valid_prefix(const uint8_t *data, size_t len);
bool utf8_is_valid(const uint8_t *data, size_t len);

/* How many bytes the character at the start of data has, 1 to 4; 0 when the bytes there are
 * ill-formed, or cut off by the end. len is 1 or more, as it is for utf8_bad_part. */
size_t utf8_character(const uint8_t *data, size_t len);
/* How many bytes the maximal ill-formed part at the start of data has, where utf8_character is 0.
 */
size_t utf8_bad_part(const uint8_t *data, size_t len);

/* Append data to out with each maximal ill-formed part replaced by U+FFFD (Unicode's "substitution
 * of maximal subparts", what Python's errors="replace" does). False, and out unchanged, when out's
 * cap forbids. */
bool utf8_sanitize(struct buf *out, const uint8_t *data, size_t len);

/* How many bytes of data[0..len) to keep so that no character that the cut made incomplete stands
 * at the end: len, or up to 3 less. Bytes that are ill-formed whatever would follow are kept. */
size_t utf8_cut(const uint8_t *data, size_t len);

#endif
