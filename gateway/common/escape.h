/* escape.h - escapes bytes for the inside of a JSON string, piece by piece.
 *
 * The result is always valid UTF-8: each ill-formed part becomes one U+FFFD (utf8.h). Besides what
 * JSON requires, it escapes what HTML and JavaScript would interpret ("</", "<!", U+2028, U+2029),
 * and terminals' control characters (DEL and C1).
 *
 * A text may be cut into pieces anywhere, even inside a character: both functions look up to three
 * bytes past the piece to complete its last character. The escaped pieces, joined, equal the
 * escaped whole. Pure; no state is kept.
 */
#ifndef MAYFLY_ESCAPE_H
#define MAYFLY_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPE_BYTES_MAX 6 /* longest escape of one byte: "\u0000" */
#define ESCAPE_AHEAD_MAX 3 /* bytes after a piece that may belong to its last character */
/* Bytes of output that a piece of `most` bytes can need. */
#define ESCAPE_ROOM(most) (ESCAPE_BYTES_MAX * ((most) + ESCAPE_AHEAD_MAX))

/* Escape the characters that begin in the first `most` bytes of data[0..len). Writes to `to`, which
 * must hold ESCAPE_ROOM(min(most, len)) bytes, and sets *put to the number of bytes written.
 * Returns the number of bytes consumed: at most len, and at least 1 if both most and len are. */
size_t escape_put(const uint8_t *data, size_t len, size_t most, uint8_t *to, size_t *put);

/* Count without writing: *put is the number of bytes that escape_put would write. */
size_t escape_count(const uint8_t *data, size_t len, size_t most, size_t *put);

#endif
