/* connection_state.h - the states of a connection, and the moves between them.
 *
 *             .-----------------------.  a pipelined request
 *             |                       v
 *   (born) -> HEAD -----> BODY ---> SERVING
 *             |  ^          |          |
 *             |  '----------+----------'  the request has gone
 *             v             v
 *           REFUSED ---> LINGERING -> (freed)
 *
 * h2o may close a connection in any state except LINGERING. The connection then lingers, or is
 * freed at once. Private to front/http.
 */
#ifndef MAYFLY_CONNECTION_STATE_H
#define MAYFLY_CONNECTION_STATE_H

#include <stdbool.h>

enum connection_state {
    CONNECTION_HEAD,      /* waiting for a request's head, or the rest of it */
    CONNECTION_BODY,      /* the head has passed guard and gate; waiting for the rest of the body */
    CONNECTION_SERVING,   /* h2o has the whole request: there is an exchange */
    CONNECTION_REFUSED,   /* refused without an exchange; h2o is about to close it */
    CONNECTION_LINGERING, /* h2o has closed it; further bytes from the client are discarded */
};
#define CONNECTION_STATES_COUNT (CONNECTION_LINGERING + 1)

const char *connection_state_name(enum connection_state state);
bool connection_may_move(enum connection_state from, enum connection_state to);

/* Change the state; no other function does. An illegal move is logged, and the state does not
 * change. The connection is then shut down, so that h2o closes it, and the function returns
 * false. */
struct connection;
bool connection_move(struct connection *connection, enum connection_state state);

#endif
