/* source.h - where the body of a long answer comes from: it is written as it is sent.
 *
 * A source is asked only when the connection can take more, so that a slow reader holds no more
 * memory than the source lends. All sources are asked by turns, so that no answer holds up the
 * rest. Each call must take well less than a millisecond. Knows nothing of HTTP.
 */
#ifndef MAYFLY_SOURCE_H
#define MAYFLY_SOURCE_H

#include "common/buf.h"

enum source_state {
    SOURCE_MORE,   /* *bytes, one or more; ask again when they have been sent */
    SOURCE_AGAIN,  /* nothing yet, for it would have taken long: ask again in a later turn */
    SOURCE_WAIT,   /* nothing now: exchange_wake when there is */
    SOURCE_END,    /* *bytes, none or more, are the last */
    SOURCE_BROKEN, /* there is no more, though there should be: the answer must not look whole */
};

struct source {
    /* Count the length of the whole: SOURCE_END with *length set; else any state but SOURCE_MORE.
     * Asked before `next`. NULL: the length is not known, and the body goes out in chunks. */
    enum source_state (*measure)(void *arg, uint64_t *length);
    /* Give the next bytes, which are lent until the next call of next or release. */
    enum source_state (*next)(void *arg, struct bytes *bytes);
    /* The exchange has gone, its answer sent whole or its client lost, and with it every view that
     * was lent. Called once. */
    void (*release)(void *arg);
};

#endif
