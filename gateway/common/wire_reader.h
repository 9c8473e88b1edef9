/* wire_reader.h - reads frames one by one from a stream of bytes, wherever the stream is cut.
 *
 * It frees storage that a large frame needed. Pure, except for wire_reader_fill.
 */
#ifndef MAYFLY_WIRE_READER_H
#define MAYFLY_WIRE_READER_H

#include "common/wire.h"

struct wire_reader {
    struct buf in; /* unread bytes, beginning with the frame returned last */
    size_t max_payload;
    size_t used; /* length of that frame; 0: there is none */
};

/* The reader holds at most one frame of max_payload, and `more_bytes` after it. */
void wire_reader_init(struct wire_reader *reader, size_t max_payload, size_t more_bytes);
/* Frees the bytes. The reader is empty and usable again. */
void wire_reader_release(struct wire_reader *reader);

/* Append bytes that were read. Returns false, with nothing changed, when they are too many or
 * memory is out. */
bool wire_reader_add(struct wire_reader *reader, struct bytes bytes);
/* Read once from fd, at most `limit` bytes. Returns like buf_read_fd. */
long wire_reader_fill(struct wire_reader *reader, int fd, size_t limit);

/* Read the next frame, valid until the next call. After WIRE_BAD the stream is unusable. */
enum wire_result wire_reader_next(struct wire_reader *reader, struct frame *frame);
/* Move the bytes of the frame returned last to *whole; the frame is then gone from the reader.
 * Returns false, with nothing changed, when memory is out. */
bool wire_reader_take(struct wire_reader *reader, struct buf *whole);

#endif
