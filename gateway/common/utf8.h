/* utf8.h - strict UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
 *
 * Pure; constant memory; safe on any bytes.
 */
#ifndef MAYFLY_UTF8_H
#define MAYFLY_UTF8_H

#include "common/buf.h"

#define UTF8_CHARACTER_MAX_BYTES 4

/* Returns how many leading bytes are valid UTF-8: len when all are. A character that the end cuts
 * off does not count. */
size_t utf8_valid_prefix(const uint8_t *data, size_t len);
bool utf8_is_valid(const uint8_t *data, size_t len);

/* Returns the length of the character at the start of data, 1 to 4 bytes. Returns 0 when it is
 * ill-formed, or cut off by the end. len is at least 1, also for utf8_bad_part. */
size_t utf8_character(const uint8_t *data, size_t len);
/* Returns the length of the maximal ill-formed part at the start of data. Call it where
 * utf8_character returned 0. */
size_t utf8_bad_part(const uint8_t *data, size_t len);

/* Append data to out with each maximal ill-formed part replaced by U+FFFD. That is Unicode's
 * "substitution of maximal subparts", as of Python's errors="replace". Returns false, with out
 * unchanged, when out's cap forbids it. */
bool utf8_sanitize(struct buf *out, const uint8_t *data, size_t len);

/* Returns how many bytes of data[0..len) to keep, so that the cut leaves no incomplete character at
 * the end: len, or up to 3 less. Keeps bytes that are ill-formed whatever follows. */
size_t utf8_cut(const uint8_t *data, size_t len);

#endif
