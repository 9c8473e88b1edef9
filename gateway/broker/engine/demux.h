/* demux.h - splits the engine's multiplexed attach stream into the container's streams.
 *
 * A frame has 8 bytes, [stream, 0, 0, 0, length in big-endian], and then data (docs.docker.com,
 * "Attach to a container", stream format). A read may end anywhere in a frame. The length field
 * allows 4 GiB, so no memory is ever allocated for a whole frame. Pure; uses constant memory.
 */
#ifndef MAYFLY_DEMUX_H
#define MAYFLY_DEMUX_H

#include "common/buf.h"

enum demux_stream {
    DEMUX_STDIN = 0,
    DEMUX_STDOUT = 1,
    DEMUX_STDERR = 2,
    DEMUX_SYSTEM = 3, /* error texts of the engine itself */
};

/* A zeroed struct is at the start of a stream. */
struct demux {
    uint8_t header[8];
    size_t header_len;
    uint32_t left_bytes; /* bytes left of the current frame */
};

enum demux_result {
    DEMUX_MORE,  /* *rest is used up */
    DEMUX_PIECE, /* *stream and *piece are set; call again */
    DEMUX_BAD,   /* not this format: end the stream */
};

/* Remove the next piece from *rest. The piece is a view into the same bytes. Empty frames are
 * skipped.
 */
enum demux_result demux_next(struct demux *demux, struct bytes *rest, enum demux_stream *stream,
                             struct bytes *piece);

#endif
