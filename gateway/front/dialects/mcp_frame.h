/* mcp_frame.h - the text of an answer around the members of one result, which are written as they
 * are sent. Pure.
 */
#ifndef MAYFLY_MCP_FRAME_H
#define MAYFLY_MCP_FRAME_H

#include "front/runs/rendering.h"

/* All are borrowed from its owner. */
struct mcp_frame {
    struct bytes before; /* ends where a member may begin, after the comma */
    struct bytes inside; /* the members, if they are written already */
    struct bytes after;
};

/* Begin the text of the frame with what is inside. Borrows both until the rendering is finished or
 * forgotten. */
struct rendering mcp_frame_begin(const struct mcp_frame *frame,
                                 const struct transcript *transcript);

/* For a form: put a piece of `text`, and after the last one set the part to `next`. Returns the
 * cost. */
size_t mcp_frame_put(struct rendering *rendering, struct json_out *json, struct bytes text,
                     unsigned next);

#endif
