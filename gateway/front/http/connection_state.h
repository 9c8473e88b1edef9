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
 * h2o may close a connection in any state but LINGERING. The connection then lingers, or is freed
 * at once. Private to http's files.
 */
#ifndef MAYFLY_CONNECTION_STATE_H
#define MAYFLY_CONNECTION_STATE_H

#include <stdbool.h>

enum connection_state {
    CONNECTION_HEAD,      /* a request's head is awaited, or has come in part */
    CONNECTION_BODY,      /* its head has passed guard and gate; its body is awaited */
    CONNECTION_SERVING,   /* h2o has handed the request over: there is an exchange */
    CONNECTION_REFUSED,   /* the request was answered without an exchange; h2o is to close */
    CONNECTION_LINGERING, /* h2o has closed it; bytes that the client still sends are discarded */
};
#define CONNECTION_STATES_COUNT (CONNECTION_LINGERING + 1)

const char *connection_state_name(enum connection_state state);
bool connection_may_move(enum connection_state from, enum connection_state to);

/* Change the state; nothing else does. Returns false when the move is illegal: that is logged, the
 * state stays, and the connection is shut down, so that h2o closes it. */
struct connection;
bool connection_move(struct connection *connection, enum connection_state state);

#endif
