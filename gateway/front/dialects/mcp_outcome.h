/* mcp_outcome.h - the result of a tool that has run a program, written as it is sent.
 *
 * The output is text and the plots are images, for a model; the API's own answer is the structured
 * content, for programs. Pure: a transcript that has ended, or was refused, in; JSON out.
 */
#ifndef MAYFLY_MCP_OUTCOME_H
#define MAYFLY_MCP_OUTCOME_H

#include "front/dialects/mcp_frame.h"

/* Begin the text of a run in its frame. Borrows both until the rendering is finished or forgotten.
 */
struct rendering mcp_outcome_begin(const struct mcp_frame *frame,
                                   const struct transcript *transcript);

#endif
