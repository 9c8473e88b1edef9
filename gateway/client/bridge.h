/* bridge.h - the role `mcp`: lets a host of MCP that starts a command use a gateway. It passes the
 * lines of standard input on as POSTs, and what the gateway answers as lines of standard output.
 *
 * Many requests may be pending, and are answered as they end. A notification that cancels a request
 * hangs up on it, which ends its program, and is not passed on. When standard input has ended, the
 * bridge ends with the last answer. It knows no tool and no revision.
 */
#ifndef MAYFLY_BRIDGE_H
#define MAYFLY_BRIDGE_H

/* Execute the words after "mayfly mcp"; NULL-terminated. Returns the exit code of the process. */
int bridge_main(char **words);

#endif
