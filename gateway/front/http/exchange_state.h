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
 * h2o can free an exchange in any state. Private to front/http.
 */
#ifndef MAYFLY_EXCHANGE_STATE_H
#define MAYFLY_EXCHANGE_STATE_H

#include <stdbool.h>

enum exchange_state {
    EXCHANGE_PENDING, /* the handler has it, or will get it now */
    EXCHANGE_SOURCED, /* the answer comes from a source; it has not begun */
    EXCHANGE_OPEN,    /* h2o has the head of the answer, and has no unwritten bytes */
    EXCHANGE_WRITING, /* h2o is writing bytes, and will report when the kernel has them */
    EXCHANGE_CUT,     /* the client is lost while h2o writes: the write is made to fail */
    /* the client is lost while h2o is not writing: the pump breaks off the answer */
    EXCHANGE_LOST,
    EXCHANGE_BROKEN, /* the answer was ended before it was complete */
    EXCHANGE_ENDED,  /* the end of the answer was given to h2o */
};
#define EXCHANGE_STATES_COUNT (EXCHANGE_ENDED + 1)

const char *exchange_state_name(enum exchange_state state);
bool exchange_may_move(enum exchange_state from, enum exchange_state to);

/* Change the state; no other function does. An illegal move is logged, and the state does not
 * change. The connection is then cut off, so that h2o frees the exchange, and the function returns
 * false. */
struct exchange;
bool exchange_move(struct exchange *exchange, enum exchange_state state);

#endif
