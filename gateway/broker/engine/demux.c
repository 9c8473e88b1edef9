#include "broker/engine/demux.h"

/* Read the header's next bytes from *rest. Returns false when it is still incomplete. */
static bool take_header(struct demux *demux, struct bytes *rest)
{
    while (demux->header_len < sizeof demux->header && rest->len > 0) {
        demux->header[demux->header_len++] = rest->data[0];
        rest->data++;
        rest->len--;
    }
    return demux->header_len == sizeof demux->header;
}

static bool header_is_valid(const uint8_t *header)
{
    return header[0] <= DEMUX_SYSTEM && header[1] == 0 && header[2] == 0 && header[3] == 0;
}

enum demux_result demux_next(struct demux *demux, struct bytes *rest, enum demux_stream *stream,
                             struct bytes *piece)
{
    while (demux->left_bytes == 0) {
        if (demux->header_len == sizeof demux->header)
            demux->header_len = 0; /* the previous frame has ended */
        if (!take_header(demux, rest))
            return DEMUX_MORE;
        if (!header_is_valid(demux->header))
            return DEMUX_BAD;
        demux->left_bytes = (uint32_t)demux->header[4] << 24 | (uint32_t)demux->header[5] << 16 |
                            (uint32_t)demux->header[6] << 8 | demux->header[7];
    }
    if (rest->len == 0)
        return DEMUX_MORE;
    size_t len = rest->len < demux->left_bytes ? rest->len : demux->left_bytes;
    *stream = (enum demux_stream)demux->header[0];
    *piece = bytes_of(rest->data, len);
    rest->data += len;
    rest->len -= len;
    demux->left_bytes -= (uint32_t)len;
    return DEMUX_PIECE;
}
