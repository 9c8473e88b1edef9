/* escape.h - escapes bytes for the inside of a JSON string, a piece at a time.
 *
 * The result is valid UTF-8 whatever the bytes are: each maximal ill-formed part becomes one U+FFFD
 * (utf8.h). It escapes what JSON demands. It also escapes what HTML and JavaScript would interpret
 * ("</", "<!", U+2028, U+2029), and what a terminal would (DEL and the C1 controls).
 *
 * A piece may end anywhere. Both functions look past it for the rest of its last character. So the
 * escaped pieces, joined, equal the whole text escaped at once. They keep no state. Pure.
 */
#ifndef MAYFLY_ESCAPE_H
#define MAYFLY_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPE_BYTES_MAX 6 /* the most that one byte becomes: "\u0000" */
#define ESCAPE_AHEAD_MAX 3 /* bytes after a piece that its last character may take */
/* The space that the output of a piece of `most` bytes needs. */
#define ESCAPE_ROOM(most) (ESCAPE_BYTES_MAX * ((most) + ESCAPE_AHEAD_MAX))

/* Escape the characters that begin in the first `most` bytes of data[0..len). Writes to `to`, which
 * has ESCAPE_ROOM of the lesser of most and len. Returns the number of bytes consumed: at least 1
 * when most and len are, and at most len. *put is the number of bytes written. */
size_t escape_put(const uint8_t *data, size_t len, size_t most, uint8_t *to, size_t *put);

/* Count without writing: *put is the number of bytes that escape_put would write. */
size_t escape_count(const uint8_t *data, size_t len, size_t most, size_t *put);

#endif
