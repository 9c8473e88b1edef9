/* errand.h - sends one request that runs code, and follows the run to its exit code.
 *
 * Sends the request again while the gateway is busy (429, 503: the program did not run) and the
 * program may still start in time. Then follows the stream of events. If it ends without a result,
 * it hangs up, which cancels the run. The causes are a signal, a closed reader, a deadline, or a
 * malformed response. An interrupt of a cell of a session is different. The first interrupt asks
 * the gateway to interrupt the cell, whose result still arrives; the second interrupt hangs up.
 *
 * There are three deadlines. The program must start within options->wait_ms. It must end within its
 * timeout (an hour if none was given) plus ERRAND_MARGIN_MS. Bytes must arrive every
 * ERRAND_STALL_MS; a gateway sends some at least every 10 s.
 *
 * The reader of our output has no deadline: we wait until it reads, until it closes, or until a
 * signal comes. The reader of stdout may close, as in "| head -1", when no other result of the run
 * is wanted. The run then has ERRAND_READER_MS to end by itself, so that we can still get the exit
 * code of a program that is about to end.
 */
#ifndef MAYFLY_ERRAND_H
#define MAYFLY_ERRAND_H

#include "client/call.h"
#include "client/inputs.h"
#include "client/options.h"
#include "common/buf.h"

#define ERRAND_STALL_MS 30000
#define ERRAND_MARGIN_MS 60000
#define ERRAND_READER_MS 1000
#define ERRAND_INTERRUPT_MS 30000 /* an interrupted cell must end within this time */

/* All members are borrowed. */
struct errand_request {
    const struct options *options;
    struct calls *calls;
    int signals;               /* from signals_open */
    const char *url;           /* URL of the endpoint */
    const char *interrupt_url; /* URL of a session's executions; NULL: not a cell of a session */
    const char *key;           /* NULL: none */
    struct bytes body;         /* JSON */
    const struct inputs *inputs;
    int folder;              /* receives files; -1: none are wanted */
    unsigned displays_count; /* number of displays of earlier runs */
};

struct errand_end {
    int exit_code; /* the exit code of the program, or a code of ending.h */
    /* this signal ended the errand; 0: none. exit_code is then 128 plus its number */
    int signal;
    bool was_interrupted;    /* the cell was interrupted; exit_code is still that of the cell */
    bool is_session_gone;    /* the session has ended or is not known, and nothing has run */
    int64_t generation;      /* generation of the session's interpreter; 0: no answer had it */
    bool has_lost_state;     /* the answer says that state was lost, and a notice was printed */
    bool is_mid_line;        /* the last output has no newline at its end */
    unsigned displays_count; /* number of displays of earlier runs and of this run */
};

/* Run the errand to its end. exit_code is 128 plus SIGPIPE if output could not be written because
 * its reader had closed, or if stdout's reader closed and the run did not end within
 * ERRAND_READER_MS. */
void errand_run(const struct errand_request *request, struct errand_end *result);

#endif
