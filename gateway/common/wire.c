#include "common/wire.h"

static void put_be(uint8_t *to, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        to[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

static uint64_t get_be(const uint8_t *from, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | from[i];
    return value;
}

static bool type_is_known(uint8_t type)
{
    switch ((enum wire_type)type) {
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_STARTED:
    case WIRE_OUTPUT:
    case WIRE_FILE:
    case WIRE_DISPLAY:
    case WIRE_END:
    case WIRE_REFUSED:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
    case WIRE_SESSION:
        return true;
    }
    return false;
}

enum wire_result wire_parse(const uint8_t *data, size_t len, size_t max_payload,
                            struct frame *frame, size_t *used)
{
    /* Report a wrong byte at once, before the header is complete. */
    if (len >= 1 && !type_is_known(data[0]))
        return WIRE_BAD;
    if (len >= 2 && data[1] != WIRE_VERSION)
        return WIRE_BAD;
    if (len < WIRE_HEADER_BYTES)
        return WIRE_MORE;
    size_t payload_len = (size_t)get_be(data + 4, 4);
    if (data[2] != 0 || data[3] != 0 || payload_len > max_payload)
        return WIRE_BAD;
    if (len - WIRE_HEADER_BYTES < payload_len)
        return WIRE_MORE;
    frame->type = (enum wire_type)data[0];
    frame->run_id = get_be(data + 8, 8);
    frame->payload = bytes_of(data + WIRE_HEADER_BYTES, payload_len);
    *used = WIRE_HEADER_BYTES + payload_len;
    return WIRE_FRAME;
}

bool wire_begin(struct buf *out, enum wire_type type, uint64_t run_id, size_t *mark)
{
    uint8_t *header = buf_reserve(out, WIRE_HEADER_BYTES);
    if (!header)
        return false;
    header[0] = (uint8_t)type;
    header[1] = WIRE_VERSION;
    put_be(header + 2, 0, 6);
    put_be(header + 8, run_id, 8);
    *mark = out->len;
    buf_commit(out, WIRE_HEADER_BYTES);
    return true;
}

void wire_end(struct buf *out, size_t mark)
{
    wire_end_early(out, mark, 0);
}

void wire_end_early(struct buf *out, size_t mark, size_t to_come)
{
    size_t payload_len = out->len - mark - WIRE_HEADER_BYTES + to_come;
    put_be(out->data + out->start + mark + 4, payload_len, 4);
}

void wire_abort(struct buf *out, size_t mark)
{
    buf_truncate(out, mark);
}

bool wire_finish(struct buf *out, size_t mark, bool is_whole)
{
    if (is_whole)
        wire_end(out, mark);
    else
        wire_abort(out, mark);
    return is_whole;
}

void wire_set_run(struct buf *out, uint64_t run_id)
{
    put_be(out->data + out->start + 8, run_id, 8);
}

bool wire_append(struct buf *out, enum wire_type type, uint64_t run_id, const void *payload,
                 size_t len)
{
    size_t mark;
    return wire_begin(out, type, run_id, &mark) &&
           wire_finish(out, mark, buf_append(out, payload, len));
}

bool wire_put_head(struct buf *out, enum wire_tag tag, size_t len)
{
    uint8_t *head = len > UINT32_MAX ? NULL : buf_reserve(out, WIRE_FIELD_HEADER_BYTES);
    if (!head)
        return false;
    put_be(head, (uint64_t)tag, 2);
    put_be(head + 2, len, 4);
    buf_commit(out, WIRE_FIELD_HEADER_BYTES);
    return true;
}

bool wire_put(struct buf *out, enum wire_tag tag, const void *value, size_t len)
{
    if (len > UINT32_MAX || !buf_reserve(out, WIRE_FIELD_HEADER_BYTES + len))
        return false;
    return wire_put_head(out, tag, len) && buf_append(out, value, len);
}

bool wire_put_u64(struct buf *out, enum wire_tag tag, uint64_t value)
{
    uint8_t number[8];
    put_be(number, value, sizeof number);
    return wire_put(out, tag, number, sizeof number);
}

bool wire_extend(struct buf *frame, enum wire_tag tag, uint64_t value)
{
    size_t len = frame->len + WIRE_FIELD_HEADER_BYTES + sizeof value, cap = frame->max_bytes;
    if (len > WIRE_HEADER_BYTES + WIRE_PAYLOAD_MAX_BYTES)
        return false;
    frame->max_bytes = cap < len ? len : cap;
    if (!wire_put_u64(frame, tag, value)) {
        frame->max_bytes = cap;
        return false;
    }
    wire_end(frame, 0);
    return true;
}

bool wire_next(struct bytes *rest, uint16_t *tag, struct bytes *value)
{
    if (rest->len < WIRE_FIELD_HEADER_BYTES)
        return false;
    size_t len = (size_t)get_be(rest->data + 2, 4);
    if (rest->len - WIRE_FIELD_HEADER_BYTES < len)
        return false;
    *tag = (uint16_t)get_be(rest->data, 2);
    *value = bytes_of(rest->data + WIRE_FIELD_HEADER_BYTES, len);
    rest->data += WIRE_FIELD_HEADER_BYTES + len;
    rest->len -= WIRE_FIELD_HEADER_BYTES + len;
    return true;
}

bool wire_get_u64(struct bytes value, uint64_t *number)
{
    if (value.len != 8)
        return false;
    *number = get_be(value.data, 8);
    return true;
}

const char *wire_type_name(enum wire_type type)
{
    switch (type) {
    case WIRE_RUN:
        return "run";
    case WIRE_CANCEL:
        return "cancel";
    case WIRE_INTERRUPT:
        return "interrupt";
    case WIRE_READY:
        return "ready";
    case WIRE_STATUS:
        return "status";
    case WIRE_PAIRED:
        return "paired";
    case WIRE_STARTED:
        return "started";
    case WIRE_OUTPUT:
        return "output";
    case WIRE_FILE:
        return "file";
    case WIRE_DISPLAY:
        return "display";
    case WIRE_END:
        return "end";
    case WIRE_REFUSED:
        return "refused";
    case WIRE_RUNTIMES:
        return "runtimes";
    case WIRE_GONE:
        return "gone";
    case WIRE_SESSION:
        return "session";
    }
    return "unknown";
}
