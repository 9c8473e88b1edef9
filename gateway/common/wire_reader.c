#include "common/wire_reader.h"

/* A reader keeps storage of up to this size for later frames. */
#define IDLE_BYTES ((size_t)64 << 10)

void wire_reader_init(struct wire_reader *reader, size_t max_payload, size_t more_bytes)
{
    *reader = (struct wire_reader){.max_payload = max_payload};
    buf_init(&reader->in, WIRE_HEADER_BYTES + max_payload + more_bytes);
}

void wire_reader_release(struct wire_reader *reader)
{
    buf_release(&reader->in);
    reader->used = 0;
}

bool wire_reader_add(struct wire_reader *reader, struct bytes bytes)
{
    return buf_append(&reader->in, bytes.data, bytes.len);
}

long wire_reader_fill(struct wire_reader *reader, int fd, size_t limit)
{
    return buf_read_fd(&reader->in, fd, limit);
}

static void drop_used(struct wire_reader *reader)
{
    struct buf *in = &reader->in;
    buf_consume(in, reader->used);
    if (reader->used > IDLE_BYTES || (in->len == 0 && in->capacity > IDLE_BYTES))
        buf_trim(in);
    reader->used = 0;
}

enum wire_result wire_reader_next(struct wire_reader *reader, struct frame *frame)
{
    drop_used(reader);
    struct bytes in = buf_bytes(&reader->in);
    return wire_parse(in.data, in.len, reader->max_payload, frame, &reader->used);
}

bool wire_reader_take(struct wire_reader *reader, struct buf *whole)
{
    if (!buf_split(&reader->in, reader->used, whole))
        return false;
    reader->used = 0;
    return true;
}
