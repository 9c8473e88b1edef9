/* mcp_session_tools.h - the rows of the tools for sessions. A part of mcp_tools.h. */
#ifndef MAYFLY_MCP_SESSION_TOOLS_H
#define MAYFLY_MCP_SESSION_TOOLS_H

#include "front/dialects/mcp_tools.h"

#define MCP_SESSION_TOOLS_COUNT 4
extern const struct mcp_tool mcp_session_tools[MCP_SESSION_TOOLS_COUNT];

#endif
