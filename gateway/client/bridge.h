/* bridge.h - the loop of `mayfly mcp`: POSTs each line of standard input to a gateway's /mcp, and
 * writes the answers to standard output, one on each line.
 *
 * Many requests may be pending at once; each is answered when it ends. A notification that cancels
 * a request is not sent: the bridge closes the request's connection, which ends its program. After
 * the end of standard input, the bridge waits for the pending answers and ends. Knows no tools and
 * no protocol revisions.
 */
#ifndef MAYFLY_BRIDGE_H
#define MAYFLY_BRIDGE_H

/* Run until standard input ends, a signal arrives, or the bridge fails. `url` is the URL of the
 * gateway's /mcp; key NULL: no key. Returns the exit code of the process. Handles signals as
 * signals.h says. */
int bridge_run(const char *url, const char *key);

#endif
