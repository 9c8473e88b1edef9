/* mcp_frame.h - the text of an answer before and after the members of one result. The members are
 * written only while they are sent. Pure.
 */
#ifndef MAYFLY_MCP_FRAME_H
#define MAYFLY_MCP_FRAME_H

#include "front/runs/rendering.h"

/* All members are borrowed from the frame's owner. */
struct mcp_frame {
    struct bytes before; /* ends where a member may begin, after the comma */
    struct bytes inside; /* the members, if they were written before; else empty */
    struct bytes after;
};

/* Begin to render the whole frame, with the members that were written before. Borrows both until
 * the rendering is finished or not used any more. */
struct rendering mcp_frame_begin(const struct mcp_frame *frame,
                                 const struct transcript *transcript);

/* For a form (rendering.h): put a piece of `text`; after the last piece, set the rendering's part
 * to `next`. Returns the cost. */
size_t mcp_frame_put(struct rendering *rendering, struct json_out *json, struct bytes text,
                     unsigned next);

#endif
