/* ending.h - derives the exit code of `mayfly run`, and notices for the user, from the gateway's
 * result.
 *
 * Pure. The result is not trusted: the type of each member is checked.
 */
#ifndef MAYFLY_ENDING_H
#define MAYFLY_ENDING_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

#define EXIT_TIMEOUT 124
#define EXIT_TROUBLE 125   /* the gateway or this command failed, or a result is incomplete */
#define EXIT_BY_SIGNAL 128 /* plus the number of the signal */

struct ending {
    int exit_code;
    bool is_cut;         /* the output or the requested files are incomplete */
    int64_t generation;  /* of a session's interpreter; 0: not a cell of a session */
    bool has_lost_state; /* the result says so, and so does a notice */
};

/* Fill *ending and append notices. Fails with ERR_PROTOCOL, with both untouched, when the answer is
 * not a gateway's result. */
bool ending_read(const struct json *answer, struct ending *ending, struct buf *notices,
                 struct error *err);

#endif
