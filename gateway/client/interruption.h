/* interruption.h - asks a gateway to interrupt the cell that an errand follows, while the errand
 * still waits for its result.
 *
 * The answer only matters where it is no: then the cell continues.
 */
#ifndef MAYFLY_INTERRUPTION_H
#define MAYFLY_INTERRUPTION_H

#include "client/call.h"

struct interruption {
    struct calls *calls; /* borrowed */
    const char *url; /* borrowed: of the session's executions; NULL: nothing can be interrupted */
    const char *key; /* borrowed; NULL: none */
    bool is_asked;   /* interruption_ask was called */
    bool has_failed; /* the gateway said no, or nothing; `why` says why */
    struct error why;
    struct call *call; /* NULL: none was made */
};

/* Ask to interrupt the run of this id. Call at most once. Failures are reported in has_failed, then
 * or later from within calls_turn. */
void interruption_ask(struct interruption *interruption, const char *run);
void interruption_release(struct interruption *interruption);

#endif
