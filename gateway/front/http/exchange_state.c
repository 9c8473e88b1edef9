#include "front/http/exchange_state.h"

#include "common/fault.h"
#include "common/log.h"
#include "front/http/exchange_private.h"

#define TO(state) (1U << (state))

const char *exchange_state_name(enum exchange_state state)
{
    static const char *const names[EXCHANGE_STATES_COUNT] = {
        [EXCHANGE_PENDING] = "pending", [EXCHANGE_SOURCED] = "sourced", [EXCHANGE_OPEN] = "open",
        [EXCHANGE_WRITING] = "writing", [EXCHANGE_CUT] = "cut",         [EXCHANGE_LOST] = "lost",
        [EXCHANGE_BROKEN] = "broken",   [EXCHANGE_ENDED] = "ended",
    };
    return names[state];
}

bool exchange_may_move(enum exchange_state from, enum exchange_state to)
{
    static const unsigned moves[EXCHANGE_STATES_COUNT] = {
        [EXCHANGE_PENDING] = TO(EXCHANGE_SOURCED) | TO(EXCHANGE_OPEN),
        [EXCHANGE_SOURCED] = TO(EXCHANGE_OPEN) | TO(EXCHANGE_LOST) | TO(EXCHANGE_BROKEN),
        [EXCHANGE_OPEN] =
            TO(EXCHANGE_WRITING) | TO(EXCHANGE_LOST) | TO(EXCHANGE_BROKEN) | TO(EXCHANGE_ENDED),
        [EXCHANGE_WRITING] = TO(EXCHANGE_OPEN) | TO(EXCHANGE_CUT),
        [EXCHANGE_CUT] = TO(EXCHANGE_LOST),
        [EXCHANGE_LOST] = TO(EXCHANGE_BROKEN),
    };
    return moves[from] & TO(to);
}

bool exchange_move(struct exchange *exchange, enum exchange_state state)
{
    if (exchange_may_move(exchange->state, state)) {
        exchange->state = state;
        return true;
    }
    log_event(LOG_ERROR, "exchange_move_illegal",
              LOG_STR("from", exchange_state_name(exchange->state)),
              LOG_STR("to", exchange_state_name(state)),
              LOG_STR("request_id", exchange->trace.request_id), LOG_END);
    fault_found();
    reader_cut(exchange_fd(exchange));
    return false;
}
