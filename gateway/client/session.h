/* session.h - one `mayfly run`, from the request to the exit code.
 *
 * Sends the request, and sends it again while the gateway is busy (429, 503: the program did not
 * run) and the program may still start in time. Follows the stream of events; hangs up, which
 * cancels the run, at every end that is not the result's: a signal, a reader of ours that has gone,
 * a deadline, a gateway that makes no sense.
 *
 * The deadlines: the program has started within options->wait_ms; it has ended within its timeout
 * (an hour where none was given) and SESSION_MARGIN_MS; something is heard every SESSION_STALL_MS
 * (a gateway sends a sign of life each 10 s). Whoever reads our output may take as long as he
 * likes: that wait ends with his end, or with a signal. When the reader of stdout has gone, as
 * "| head -1" does, and the run leaves nothing else that is wanted, it has SESSION_READER_MS to
 * end by itself: long enough for a program that was about to, whose exit code then counts.
 */
#ifndef MAYFLY_SESSION_H
#define MAYFLY_SESSION_H

#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define SESSION_STALL_MS 30000
#define SESSION_MARGIN_MS 60000
#define SESSION_READER_MS 1000

/* Everything is lent. */
struct session_request {
    const struct options *options;
    const char *url;   /* of the execute endpoint */
    const char *key;   /* NULL: none */
    struct bytes body; /* JSON */
    const struct inputs *inputs;
    int folder; /* for files; -1: none are wanted */
};

/* Returns the exit code: the program's, or one of ending.h; 128 plus the signal's number for
 * SIGINT, SIGTERM and SIGHUP, and for SIGPIPE when a reader has gone. Blocks the first three (those
 * that are not ignored) and ignores SIGPIPE, for good. */
int session_run(const struct session_request *request);

#endif
