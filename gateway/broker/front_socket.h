/* front_socket.h - the socket to which fronts connect. Under `serve` there is none, because the
 * broker inherits the connection to its only front. */
#ifndef MAYFLY_FRONT_SOCKET_H
#define MAYFLY_FRONT_SOCKET_H

#include "broker/loop/loop.h"
#include "common/config.h"

struct front_socket;

/* Listen on config->wire_socket. Replaces the socket of a dead broker, never that of a live one.
 * Root and the group of config->user may connect. `on_connected` takes each connection. Borrows
 * config. */
struct front_socket *front_socket_open(struct loop *loop, const struct config *config,
                                       void (*on_connected)(void *arg, int fd), void *arg,
                                       struct error *err);
/* Close and unlink the socket. No-op for NULL. */
void front_socket_close(struct front_socket *listener);

#endif
