/* mcp.h - POST /mcp: the Model Context Protocol over Streamable HTTP, for agents and their hosts.
 *
 * It serves two generations of the protocol on one path. The modern one is revision 2026-07-28,
 * where each request carries everything that the server needs. The legacy one is 2025-11-25,
 * 2025-06-18 and 2025-03-26, whose clients begin with a handshake. We use no sessions of the
 * protocol, so any replica can serve any request. A run ends when its client hangs up; a cell of a
 * session is interrupted then. A legacy client can also end a run by notifications/cancelled; the
 * run then gets no answer, unless it is in a batch.
 *
 *   mcp_message   the request of a message, or its fault
 *   mcp_post      the messages of a body, and their answers together
 *   mcp_tools     the tools, a row each
 *   mcp_answer    errors and results
 *   mcp_session   a call of a tool of sessions
 *   mcp_outcome   the result of a tool that runs a program
 *   mcp_files     the result of one that lists or reads files
 *   mcp_progress  the notifications of a call that asks for progress
 */
#ifndef MAYFLY_MCP_H
#define MAYFLY_MCP_H

#include "front/api/call.h"

void mcp_handle_post(const struct call *call);

#endif
