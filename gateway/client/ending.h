/* ending.h - how a run ended, from the gateway's answer: this command's exit code, and what there
 * is to say about it.
 *
 * Pure. The answer is a stranger's: each member is checked for its type.
 */
#ifndef MAYFLY_ENDING_H
#define MAYFLY_ENDING_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

#define EXIT_TIMEOUT 124
#define EXIT_TROUBLE 125   /* the gateway or this command failed, or not all is there */
#define EXIT_BY_SIGNAL 128 /* plus the signal's number */

struct ending {
    int exit_code;
    bool is_cut; /* not all of its output or of the files that were asked for is there */
};

/* Fill *ending; notices are appended. Fails with ERR_PROTOCOL when the answer is not one that a
 * gateway gives; neither is touched then. */
bool ending_read(const struct json *answer, struct ending *ending, struct buf *notices,
                 struct error *err);

#endif
