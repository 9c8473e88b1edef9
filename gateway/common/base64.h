/* base64.h - RFC 4648 base64 with padding, no line breaks. */
#ifndef MAYFLY_BASE64_H
#define MAYFLY_BASE64_H

#include "common/buf.h"

/* Append the encoding of data. Returns false, with out unchanged, when out's cap forbids it. */
bool base64_encode(struct buf *out, const uint8_t *data, size_t len);
/* Returns the length of the encoding of `len` bytes. */
size_t base64_size(size_t len);
/* Append the bytes that `text` encodes. Returns false, with out unchanged, when text is not strict
 * base64 (alphabet, padding, trailing bits zero) or out's cap forbids it. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
