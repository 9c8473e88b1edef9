/* mcp_files.h - the result of a tool that has listed or read files, written as it is sent.
 *
 * A file that is read is text or an image for a model. The structured content has all. Pure: a
 * transcript that has ended in, JSON out.
 */
#ifndef MAYFLY_MCP_FILES_H
#define MAYFLY_MCP_FILES_H

#include "front/dialects/mcp_frame.h"

/* Begin the text in its frame: of the list, or of the one file whose content was read. Borrows both
 * until the rendering is finished or forgotten. */
struct rendering mcp_files_begin_list(const struct mcp_frame *frame,
                                      const struct transcript *transcript);
struct rendering mcp_files_begin_content(const struct mcp_frame *frame,
                                         const struct transcript *transcript);

#endif
