/* demux.h - splits the engine's multiplexed attach stream into its streams.
 *
 * Each frame: 8 bytes [stream, 0, 0, 0, length big-endian], then the bytes (docs.docker.com,
 * "Attach to a container", stream format). A read may end anywhere in a frame. The length field
 * allows 4 GiB, so no memory is ever allocated by it. Pure; constant memory.
 */
#ifndef MAYFLY_DEMUX_H
#define MAYFLY_DEMUX_H

#include "common/buf.h"

enum demux_stream {
    DEMUX_STDIN = 0,
    DEMUX_STDOUT = 1,
    DEMUX_STDERR = 2,
    DEMUX_SYSTEM = 3, /* the engine's own error text */
};

/* A zeroed struct is at the start of a stream. */
struct demux {
    uint8_t header[8];
    size_t header_len;
    uint32_t left_bytes; /* of the frame that has begun */
};

enum demux_result {
    DEMUX_MORE,  /* all of *rest was used up */
    DEMUX_PIECE, /* *stream and *piece are set; call again */
    DEMUX_BAD,   /* not that format: end the stream */
};

/* Take the next piece off *rest. The piece is a view into the same bytes. Empty frames are skipped.
 */
enum demux_result demux_next(struct demux *demux, struct bytes *rest, enum demux_stream *stream,
                             struct bytes *piece);

#endif
