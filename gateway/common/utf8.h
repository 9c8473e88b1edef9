/* utf8.h - strict UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
 *
 * Pure; constant memory; safe on any bytes.
 */
#ifndef MAYFLY_UTF8_H
#define MAYFLY_UTF8_H

#include "common/buf.h"

#define UTF8_CHARACTER_MAX_BYTES 4

/* Returns how many leading bytes are valid UTF-8; len if all are. Does not count a last character
 * that is incomplete. */
size_t utf8_valid_prefix(const uint8_t *data, size_t len);
bool utf8_is_valid(const uint8_t *data, size_t len);

/* Returns the length of the character at the start of data, 1 to 4 bytes. Returns 0 when it is
 * ill-formed or incomplete. Here and in utf8_bad_part, len is at least 1. */
size_t utf8_character(const uint8_t *data, size_t len);
/* Returns the length of the maximal ill-formed part at the start of data. Call it only where
 * utf8_character returned 0. */
size_t utf8_bad_part(const uint8_t *data, size_t len);

/* Append data, with each maximal ill-formed part replaced by U+FFFD, as Python's errors="replace"
 * does. Returns false, with out unchanged, if out's cap is too small. */
bool utf8_sanitize(struct buf *out, const uint8_t *data, size_t len);

/* Returns how many bytes of data[0..len) to keep so that they do not end with an incomplete
 * character: len, or up to 3 less. Bytes that are ill-formed in any case are kept. */
size_t utf8_cut(const uint8_t *data, size_t len);

#endif
