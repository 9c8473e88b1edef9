/* mcp.h - the role `mcp`: connects a host of the Model Context Protocol that starts commands to a
 * gateway.
 */
#ifndef MAYFLY_CLIENT_MCP_H
#define MAYFLY_CLIENT_MCP_H

/* Execute the words after "mayfly mcp"; NULL-terminated. Returns the exit code of the process. */
int mcp_main(char **words);

#endif
