/* session.h - one `mayfly run`, from the request to the exit code.
 *
 * A session sends the request and follows the stream of events. While the gateway is busy (429 or
 * 503: the program did not run), it repeats the request, as long as the program can still start in
 * time. When it ends without a result (signal, closed reader, deadline, malformed response), it
 * closes the connection, and the gateway cancels the run.
 *
 * There are three deadlines. The program must start within options->wait_ms. It must end within its
 * timeout (one hour if none was given) plus SESSION_MARGIN_MS. Bytes must arrive at least every
 * SESSION_STALL_MS; a gateway sends something every 10 s.
 *
 * A slow reader of our output has no deadline: we wait until it reads, closes, or a signal arrives.
 * If the reader of stdout closes, as in "| head -1", and no files are to be saved, the run gets
 * SESSION_READER_MS to end by itself. If it does, its exit code is returned.
 */
#ifndef MAYFLY_SESSION_H
#define MAYFLY_SESSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SESSION_STALL_MS 30000
#define SESSION_MARGIN_MS 60000
#define SESSION_READER_MS 1000

/* All members are borrowed. */
struct session_request {
    const struct options *options;
    const char *url;   /* of the execute endpoint */
    const char *key;   /* NULL: none */
    struct bytes body; /* JSON */
    const struct inputs *inputs;
    int folder; /* for the result's files; -1: save none */
};

/* Returns the exit code: the program's, or one of ending.h. After SIGINT, SIGTERM or SIGHUP it is
 * 128 plus the signal's number, likewise after SIGPIPE because a reader has closed. Blocks the
 * first three signals, except those that are ignored already, and ignores SIGPIPE, for the life of
 * the process. */
int session_run(const struct session_request *request);

#endif
