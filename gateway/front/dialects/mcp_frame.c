#include "front/dialects/mcp_frame.h"

#define PIECE_BYTES ((size_t)16 << 10)

enum part { PART_BEFORE = RENDERING_OWN_PARTS, PART_INSIDE, PART_AFTER };

size_t mcp_frame_put(struct rendering *rendering, struct json_out *json, struct bytes text,
                     unsigned next)
{
    size_t left = text.len - rendering->at;
    size_t len = left < PIECE_BYTES ? left : PIECE_BYTES;
    json->ok = json->ok && buf_append(json->out, text.data + rendering->at, len);
    json->comma = false;
    rendering->at += len;
    if (rendering->at == text.len) {
        rendering->at = 0;
        rendering->part = next;
    }
    return len + RENDERING_PART_COST_BYTES;
}

static size_t put_part(struct rendering *rendering, struct json_out *json, size_t most)
{
    const struct mcp_frame *frame = rendering->arg;
    (void)most;
    if (rendering->part == PART_BEFORE)
        return mcp_frame_put(rendering, json, frame->before, PART_INSIDE);
    if (rendering->part == PART_INSIDE)
        return mcp_frame_put(rendering, json, frame->inside, PART_AFTER);
    return mcp_frame_put(rendering, json, frame->after, RENDERING_FINISHED);
}

struct rendering mcp_frame_begin(const struct mcp_frame *frame, const struct transcript *transcript)
{
    return rendering_in_form(transcript, put_part, PART_BEFORE, frame);
}
