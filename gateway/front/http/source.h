/* source.h - the source of a long answer's body, which is written as it is sent.
 *
 * A source is asked only when the connection can take more, so that a slow reader holds no more
 * memory than what the source gives at a time. The sources take turns, so that no answer holds up
 * the rest. Each call must take well below a millisecond. Knows nothing of HTTP.
 */
#ifndef MAYFLY_SOURCE_H
#define MAYFLY_SOURCE_H

#include "common/buf.h"

enum source_state {
    SOURCE_MORE,   /* *bytes, one or more; ask again when they have been sent */
    SOURCE_AGAIN,  /* nothing yet, because it takes long: ask again in a later turn */
    SOURCE_WAIT,   /* nothing now: call exchange_wake when there is something */
    SOURCE_END,    /* *bytes, none or more, are the last */
    SOURCE_BROKEN, /* the rest cannot be given: the answer must not look complete */
};

struct source {
    /* Count the length of the whole body. Returns SOURCE_END with *length set, or any other state
     * but SOURCE_MORE. Called before `next`. NULL: the length is not known, and the body is sent in
     * chunks. */
    enum source_state (*measure)(void *arg, uint64_t *length);
    /* Give the next bytes, which are valid until the next call of next or release. */
    enum source_state (*next)(void *arg, struct bytes *bytes);
    /* Called once, when the exchange has gone: its answer was sent whole, or its client was lost.
     * Views that were borrowed from the exchange are then invalid. */
    void (*release)(void *arg);
};

#endif
