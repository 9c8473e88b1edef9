/* ending.h - reads from the gateway's result how a run ended: this command's exit code, and notices
 * about it.
 *
 * Pure. The result is not trusted: each member is checked for its type.
 */
#ifndef MAYFLY_ENDING_H
#define MAYFLY_ENDING_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

#define EXIT_TIMEOUT 124
#define EXIT_TROUBLE 125   /* the gateway or this command failed, or something is missing */
#define EXIT_BY_SIGNAL 128 /* plus the signal's number */

struct ending {
    int exit_code;
    bool is_cut; /* its output, or the requested files, are incomplete */
};

/* Fill *ending and append notices. Fails with ERR_PROTOCOL when the answer is not a gateway's
 * result; neither is touched then. */
bool ending_read(const struct json *answer, struct ending *ending, struct buf *notices,
                 struct error *err);

#endif
