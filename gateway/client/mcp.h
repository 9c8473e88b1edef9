/* mcp.h - the command `mayfly mcp`: connects an MCP host that starts its servers as commands with
 * the MCP endpoint of a gateway.
 */
#ifndef MAYFLY_CLIENT_MCP_H
#define MAYFLY_CLIENT_MCP_H

/* Execute the words after "mayfly mcp", NULL-terminated. Returns the exit code of the process. */
int mcp_main(char **words);

#endif
