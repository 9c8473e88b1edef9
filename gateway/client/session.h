/* session.h - one `mayfly run`, from the request to the exit code.
 *
 * Sends the request. Sends it again while the gateway is busy (429, 503: the program did not run)
 * and the program may still start in time. Follows the stream of events. It hangs up, which cancels
 * the run, at every end without a result: a signal, a closed reader, a deadline, a malformed
 * response.
 *
 * There are three deadlines. The program must start within options->wait_ms. It must end within its
 * timeout (an hour where none was given) plus SESSION_MARGIN_MS. Bytes must arrive every
 * SESSION_STALL_MS; a gateway sends a sign of life every 10 s.
 *
 * The reader of our output has no deadline: a wait for it ends when it closes, or with a signal.
 * The reader of stdout may close, as in "| head -1", when nothing else of the run is wanted. The
 * run then has SESSION_READER_MS to end by itself, so that the exit code of a program about to end
 * counts.
 */
#ifndef MAYFLY_SESSION_H
#define MAYFLY_SESSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SESSION_STALL_MS 30000
#define SESSION_MARGIN_MS 60000
#define SESSION_READER_MS 1000

/* Every member is borrowed. */
struct session_request {
    const struct options *options;
    const char *url;   /* URL of the execute endpoint */
    const char *key;   /* NULL: none */
    struct bytes body; /* JSON */
    const struct inputs *inputs;
    int folder; /* receives files; -1: none are wanted */
};

/* Returns the exit code: the program's, or one of ending.h. After SIGINT, SIGTERM or SIGHUP it is
 * 128 plus the signal's number; the same for SIGPIPE when a reader has closed. Blocks the first
 * three, unless they are ignored, and ignores SIGPIPE, for the life of the process. */
int session_run(const struct session_request *request);

#endif
