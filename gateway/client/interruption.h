/* interruption.h - asks a gateway to interrupt the cell that an errand follows. The errand still
 * waits for the cell's result.
 *
 * The answer matters only if the gateway refuses: the cell then continues.
 */
#ifndef MAYFLY_INTERRUPTION_H
#define MAYFLY_INTERRUPTION_H

#include "client/call.h"

struct interruption {
    struct calls *calls; /* borrowed */
    const char *url;     /* borrowed; URL of the session's executions; NULL: no interrupts */
    const char *key;     /* borrowed; NULL: none */
    bool is_asked;       /* interruption_ask was called */
    bool has_failed;     /* the gateway refused, or did not answer; see `why` */
    struct error why;
    struct call *call; /* NULL: none was made */
};

/* Ask the gateway to interrupt the run with this id. Call at most once. Sets has_failed on a
 * failure, at once or later within calls_turn. */
void interruption_ask(struct interruption *interruption, const char *run);
void interruption_release(struct interruption *interruption);

#endif
