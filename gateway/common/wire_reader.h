/* wire_reader.h - frames off a stream of bytes, one by one, wherever the stream is cut.
 *
 * Storage that a large frame needed is given back. Pure, but for wire_reader_fill.
 */
#ifndef MAYFLY_WIRE_READER_H
#define MAYFLY_WIRE_READER_H

#include "common/wire.h"

struct wire_reader {
    struct buf in; /* bytes that were read, from the frame that was given out last on */
    size_t max_payload;
    size_t used; /* bytes of that frame; 0: there is none */
};

/* Holds one frame of that size at most, and `more_bytes` after it. */
void wire_reader_init(struct wire_reader *reader, size_t max_payload, size_t more_bytes);
/* Frees the bytes. The reader is empty and usable again. */
void wire_reader_release(struct wire_reader *reader);

/* Append what was read. False, and nothing changed, when it is too much or memory is out. */
bool wire_reader_add(struct wire_reader *reader, struct bytes bytes);
/* Read once from fd, at most `limit` bytes. Returns as buf_read_fd. */
long wire_reader_fill(struct wire_reader *reader, int fd, size_t limit);

/* The next frame, lent until the next call. After WIRE_BAD the stream is of no use. */
enum wire_result wire_reader_next(struct wire_reader *reader, struct frame *frame);
/* Move the bytes of the frame that was given out last to *whole: the frame ends. False, and nothing
 * changed, when memory is out. */
bool wire_reader_take(struct wire_reader *reader, struct buf *whole);

#endif
