/* bridge.h - passes the lines of standard input on to a gateway's /mcp as POSTs, and its answers as
 * lines of standard output.
 *
 * Many requests may be pending, and are answered as they end. A notification that cancels a request
 * hangs up on it, which ends its program, and is not passed on. When standard input has ended, the
 * bridge ends after the last answer. It knows no tool and no revision.
 */
#ifndef MAYFLY_BRIDGE_H
#define MAYFLY_BRIDGE_H

/* Run until the host or a signal ends it. url: of /mcp; key NULL: none. Returns the exit code of
 * the process. Signals are signals.h's. */
int bridge_run(const char *url, const char *key);

#endif
