/* mcp_files.h - the result of a tool that has listed or read files, written as it is sent.
 *
 * For models, a file that was read is text or an image. For programs, the structured content is
 * complete. Pure: a transcript that has ended in, JSON out.
 */
#ifndef MAYFLY_MCP_FILES_H
#define MAYFLY_MCP_FILES_H

#include "front/dialects/mcp_frame.h"

/* Begin to render the list, or the content of the one file that was read, with the frame around it.
 * Borrows both until the rendering is finished or not used any more. */
struct rendering mcp_files_begin_list(const struct mcp_frame *frame,
                                      const struct transcript *transcript);
struct rendering mcp_files_begin_content(const struct mcp_frame *frame,
                                         const struct transcript *transcript);

#endif
