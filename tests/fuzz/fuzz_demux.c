/* Checks the parser of the engine's attach stream: split into pieces of any size, the input must
 * give the same bytes per stream and the same result as in one piece, and as the simple parser
 * below gives.
 */
#include "fuzz.h"

#include "broker/engine/demux.h"

/* The bytes that a parser returned, each preceded by the number of its stream, and its result. */
struct told {
    struct buf bytes;
    enum demux_result result;
};

static void tell(struct told *told, unsigned stream, struct bytes piece)
{
    must(stream <= DEMUX_SYSTEM);
    for (size_t i = 0; i < piece.len; i++) {
        const uint8_t pair[] = {(uint8_t)stream, piece.data[i]};
        must(buf_append(&told->bytes, pair, sizeof(pair)));
    }
}

/* Give the demultiplexer the bytes of one read. */
static void feed(struct demux *demux, struct bytes read, struct told *told)
{
    const uint8_t *end = read.data + read.len;
    enum demux_stream stream;
    struct bytes rest = read, piece;
    while ((told->result = demux_next(demux, &rest, &stream, &piece)) == DEMUX_PIECE) {
        must(piece.len > 0 && piece.data >= read.data && piece.data + piece.len <= end);
        must(rest.data == piece.data + piece.len && rest.data + rest.len == end);
        tell(told, stream, piece);
    }
    must(told->result == DEMUX_BAD || rest.len == 0);
}

static struct told fed(struct bytes data, size_t step)
{
    struct told told = {.result = DEMUX_MORE};
    struct demux demux = {0};
    buf_init(&told.bytes, 2 * data.len);
    for (size_t at = 0; at < data.len && told.result != DEMUX_BAD; at += step) {
        size_t len = data.len - at < step ? data.len - at : step;
        /* A copy, so that the sanitizer notices accesses outside the read's bytes. */
        uint8_t *copy = malloc(len);
        must(copy != NULL);
        memcpy(copy, data.data + at, len);
        feed(&demux, bytes_of(copy, len), &told);
        free(copy);
    }
    return told;
}

/* A simple parser of the format, for a stream that is complete in memory. */
static struct told expected(struct bytes data)
{
    struct told told = {.result = DEMUX_MORE};
    buf_init(&told.bytes, 2 * data.len);
    while (data.len >= 8) {
        const uint8_t *head = data.data;
        size_t len = (size_t)head[4] << 24 | (size_t)head[5] << 16 | (size_t)head[6] << 8 | head[7];
        if (head[0] > 3 || head[1] || head[2] || head[3]) {
            told.result = DEMUX_BAD;
            break;
        }
        data = bytes_of(head + 8, data.len - 8);
        if (len > data.len)
            len = data.len;
        tell(&told, head[0], bytes_of(data.data, len));
        data = bytes_of(data.data + len, data.len - len);
    }
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const size_t steps[] = {1, 3, 7, 8, 9, 1000, len + 1};
    struct told plain = expected(bytes_of(data, len));
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct told told = fed(bytes_of(data, len), steps[i]);
        must(told.result == plain.result);
        must(same_bytes(buf_bytes(&told.bytes), buf_bytes(&plain.bytes)));
        buf_release(&told.bytes);
    }
    buf_release(&plain.bytes);
    return 0;
}
