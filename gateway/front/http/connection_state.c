#include "front/http/connection_state.h"

#include <sys/socket.h>

#include "common/fault.h"
#include "common/log.h"
#include "front/http/connection.h"

#define TO(state) (1U << (state))

const char *connection_state_name(enum connection_state state)
{
    static const char *const names[CONNECTION_STATES_COUNT] = {
        [CONNECTION_HEAD] = "head",           [CONNECTION_BODY] = "body",
        [CONNECTION_SERVING] = "serving",     [CONNECTION_REFUSED] = "refused",
        [CONNECTION_LINGERING] = "lingering",
    };
    return names[state];
}

bool connection_may_move(enum connection_state from, enum connection_state to)
{
    static const unsigned moves[CONNECTION_STATES_COUNT] = {
        [CONNECTION_HEAD] = TO(CONNECTION_BODY) | TO(CONNECTION_SERVING) | TO(CONNECTION_REFUSED) |
                            TO(CONNECTION_LINGERING),
        [CONNECTION_BODY] =
            TO(CONNECTION_SERVING) | TO(CONNECTION_REFUSED) | TO(CONNECTION_LINGERING),
        [CONNECTION_SERVING] = TO(CONNECTION_HEAD),
        [CONNECTION_REFUSED] = TO(CONNECTION_LINGERING),
    };
    return moves[from] & TO(to);
}

bool connection_move(struct connection *connection, enum connection_state state)
{
    if (connection_may_move(connection->state, state)) {
        connection->state = state;
        return true;
    }
    log_event(LOG_ERROR, "connection_move_illegal",
              LOG_STR("from", connection_state_name(connection->state)),
              LOG_STR("to", connection_state_name(state)), LOG_END);
    fault_found();
    if (connection->socket)
        shutdown(h2o_socket_get_fd(connection->socket), SHUT_RDWR);
    return false;
}
