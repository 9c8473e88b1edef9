/* escape.h - bytes as the inside of a JSON string, a piece at a time.
 *
 * The result is valid UTF-8 whatever the bytes are: each maximal ill-formed part becomes one U+FFFD
 * (utf8.h). Escaped are what JSON demands, what HTML and JavaScript would take for their own ("</",
 * "<!", U+2028, U+2029), and what a terminal would (DEL and the C1 controls).
 *
 * A piece may end anywhere: both functions look behind it for the rest of its last character, so
 * that the pieces of a text, one after the other, are the text as a whole. They keep no state.
 * Pure.
 */
#ifndef MAYFLY_ESCAPE_H
#define MAYFLY_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPE_BYTES_MAX 6 /* what a byte may become: "\u0000" */
#define ESCAPE_AHEAD_MAX 3 /* bytes behind a piece that its last character may take */
/* The room that a piece of `most` bytes needs. */
#define ESCAPE_ROOM(most) (ESCAPE_BYTES_MAX * ((most) + ESCAPE_AHEAD_MAX))

/* Escape the characters that begin in the first `most` bytes of data[0..len) into `to`, which has
 * ESCAPE_ROOM of the lesser of most and len. Returns how many bytes of data that took: at least
 * one when both are, and len at most. *put is how many were written. */
size_t escape_put(const uint8_t *data, size_t len, size_t most, uint8_t *to, size_t *put);

/* The same without writing: *put is how many there would be. */
size_t escape_count(const uint8_t *data, size_t len, size_t most, size_t *put);

#endif
