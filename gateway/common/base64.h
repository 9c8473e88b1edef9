/* base64.h - RFC 4648 base64 with padding, no line breaks. */
#ifndef MAYFLY_BASE64_H
#define MAYFLY_BASE64_H

#include "common/buf.h"

/* Append the encoding of data. Returns false, with out unchanged, if out's cap is too small. */
bool base64_encode(struct buf *out, const uint8_t *data, size_t len);
/* Returns the length of the encoding of `len` bytes. */
size_t base64_size(size_t len);
/* Append the decoded bytes of `text`. Returns false, with out unchanged, if text is not strict
 * base64 (alphabet, padding, unused bits zero) or out's cap is too small. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
