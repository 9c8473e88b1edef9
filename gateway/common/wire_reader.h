/* wire_reader.h - reads frames one by one from a stream of bytes that arrives in arbitrary pieces.
 *
 * Storage that only a large frame needed is freed after it. Pure, except for wire_reader_fill.
 */
#ifndef MAYFLY_WIRE_READER_H
#define MAYFLY_WIRE_READER_H

#include "common/wire.h"

struct wire_reader {
    struct buf in; /* unread bytes; they begin with the frame that was returned last */
    size_t max_payload;
    size_t used; /* length of the frame that was returned last; 0: none */
};

/* The reader holds at most one frame with max_payload, and `more_bytes` after it. */
void wire_reader_init(struct wire_reader *reader, size_t max_payload, size_t more_bytes);
/* Free the bytes. The reader is then empty and can be used again. */
void wire_reader_release(struct wire_reader *reader);

/* Append received bytes. Returns false, with nothing changed, when they do not fit or memory is
 * out. */
bool wire_reader_add(struct wire_reader *reader, struct bytes bytes);
/* Call read(2) once, for at most `limit` bytes. Returns like buf_read_fd. */
long wire_reader_fill(struct wire_reader *reader, int fd, size_t limit);

/* Return the next frame, valid until the next call. After WIRE_BAD the stream cannot be read any
 * more. */
enum wire_result wire_reader_next(struct wire_reader *reader, struct frame *frame);
/* Move the bytes of the frame that was returned last out of the reader, to *whole. Returns false,
 * with nothing changed, when memory is out. */
bool wire_reader_take(struct wire_reader *reader, struct buf *whole);

#endif
