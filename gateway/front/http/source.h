/* source.h - produces the body of a long answer piece by piece, while it is being sent.
 *
 * A source is asked for the next piece only when the connection can take it, so a slow reader costs
 * only one piece of memory. Sources take turns, so that no answer delays others. Each call of a
 * source must take well below a millisecond. Knows nothing of HTTP.
 */
#ifndef MAYFLY_SOURCE_H
#define MAYFLY_SOURCE_H

#include "common/buf.h"

enum source_state {
    SOURCE_MORE,  /* *bytes is the next piece, not empty; ask again when it was sent */
    SOURCE_AGAIN, /* nothing yet, because the work takes long: ask again in a later turn */
    SOURCE_WAIT,  /* nothing now: exchange_wake is called when there is something */
    SOURCE_END,   /* *bytes is the last piece; it may be empty */
    /* the rest cannot be produced: the client must see that the answer is incomplete */
    SOURCE_BROKEN,
};

struct source {
    /* Count the length of the whole body, before the first call of `next`. Returns SOURCE_END with
     * *length set when it has the length, or any other state except SOURCE_MORE. NULL: the length
     * is not known, and the body is sent in chunks. */
    enum source_state (*measure)(void *arg, uint64_t *length);
    /* Give the next bytes, which are valid until the next call of next or release. */
    enum source_state (*next)(void *arg, struct bytes *bytes);
    /* Called once, when the exchange has ended: its answer was sent, or its client was lost. Views
     * of the exchange's request are then invalid. */
    void (*release)(void *arg);
};

#endif
