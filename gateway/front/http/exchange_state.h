/* exchange_state.h - the states of an exchange, and the moves between them.
 *
 *   PENDING ------------------> OPEN -----------------> ENDED     a whole answer
 *      |                        ^  |^                             an answer in parts:
 *      '------> SOURCED --------'  |'-> WRITING <-> (OPEN)          a source gives it
 *                  |               |       |
 *                  |               |      CUT                       its client is lost
 *                  |               v       |
 *                  '-----------> LOST <----'
 *                                  |
 *   SOURCED, OPEN, LOST ------> BROKEN                              it cannot be completed
 *
 * h2o frees an exchange in any state. Private to http's files.
 */
#ifndef MAYFLY_EXCHANGE_STATE_H
#define MAYFLY_EXCHANGE_STATE_H

#include <stdbool.h>

enum exchange_state {
    EXCHANGE_PENDING, /* the handler has it, or is about to get it */
    EXCHANGE_SOURCED, /* its answer comes from a source; h2o has nothing of the answer yet */
    EXCHANGE_OPEN,    /* h2o has the answer's head, and no bytes that it has still to write */
    EXCHANGE_WRITING, /* h2o has bytes, and will say when they are with the kernel */
    EXCHANGE_CUT,     /* the client is lost while h2o writes: that write is made to fail */
    EXCHANGE_LOST,    /* the client is lost, and h2o has nothing to write: the pump breaks off */
    EXCHANGE_BROKEN,  /* h2o knows that the answer ends before it is complete */
    EXCHANGE_ENDED,   /* h2o has the end of the answer */
};
#define EXCHANGE_STATES_COUNT (EXCHANGE_ENDED + 1)

const char *exchange_state_name(enum exchange_state state);
bool exchange_may_move(enum exchange_state from, enum exchange_state to);

/* Change the state; nothing else does. Returns false when the move is illegal: that is logged, the
 * state stays, and the connection is cut off, so that h2o frees the exchange. */
struct exchange;
bool exchange_move(struct exchange *exchange, enum exchange_state state);

#endif
