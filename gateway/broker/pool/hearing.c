#include "broker/pool/hearing.h"

void hearing_init(struct hearing *hearing, size_t frame_max_bytes)
{
    *hearing = (struct hearing){0};
    wire_reader_init(&hearing->in, frame_max_bytes, 0);
}

void hearing_release(struct hearing *hearing)
{
    wire_reader_release(&hearing->in);
}

static enum heard fail(struct said *said, const char *fault)
{
    said->fault = fault;
    return HEARD_FAULT;
}

enum heard hearing_next(struct hearing *hearing, struct bytes *rest, struct said *said)
{
    for (;;) {
        enum demux_stream stream;
        struct bytes piece;
        enum wire_result result = wire_reader_next(&hearing->in, &said->frame);
        if (result != WIRE_MORE)
            return result == WIRE_FRAME ? HEARD_FRAME : fail(said, "init sent no frame");
        enum demux_result found = demux_next(&hearing->demux, rest, &stream, &piece);
        if (found == DEMUX_MORE)
            return HEARD_NOTHING;
        if (found == DEMUX_BAD)
            return fail(said, "the engine's attach stream is malformed");
        if (stream != DEMUX_STDOUT) {
            said->text = piece;
            said->by = stream == DEMUX_STDERR ? "init" : "engine";
            return HEARD_TEXT;
        }
        if (!wire_reader_add(&hearing->in, piece))
            return fail(said, "init sent too long a frame");
    }
}
