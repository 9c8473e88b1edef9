/* mcp.h - POST /mcp: the Model Context Protocol over Streamable HTTP, for agents and their hosts.
 *
 * It serves two generations of the protocol on one path. The modern one is revision 2026-07-28,
 * where each request carries everything that the server needs. The legacy one is 2025-11-25,
 * 2025-06-18 and 2025-03-26, whose clients begin with a handshake. There are no MCP sessions, so
 * any replica can serve any request. A run ends when its client hangs up; a legacy client can also
 * end it by notifications/cancelled.
 *
 *   mcp_message   the request of a message, or its fault
 *   mcp_post      the messages of a body, and their answers together
 *   mcp_tools     the tools, a row each
 *   mcp_answer    errors and results
 *   mcp_outcome   the result of a tool that runs a program
 *   mcp_progress  the notifications of a call that asks for progress
 */
#ifndef MAYFLY_MCP_H
#define MAYFLY_MCP_H

#include "front/api/call.h"

void mcp_handle_post(const struct call *call);

#endif
