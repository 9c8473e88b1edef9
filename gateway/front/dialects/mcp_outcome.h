/* mcp_outcome.h - the result of a tool call that has run a program, written piece by piece as it is
 * sent.
 *
 * For models, output is text and plots are images. For programs, the structured content is the
 * answer of our own API. Pure: a transcript that has ended or was refused in, JSON out.
 */
#ifndef MAYFLY_MCP_OUTCOME_H
#define MAYFLY_MCP_OUTCOME_H

#include "front/dialects/mcp_frame.h"

/* Begin to render the answer to a tool call. Borrows both until the rendering is finished or not
 * used any more.
 */
struct rendering mcp_outcome_begin(const struct mcp_frame *frame,
                                   const struct transcript *transcript);

#endif
