/* front_socket.h - the socket that fronts connect to. Under `serve` there is none: the broker
 * inherits its one front's connection. */
#ifndef MAYFLY_FRONT_SOCKET_H
#define MAYFLY_FRONT_SOCKET_H

#include "broker/loop/loop.h"
#include "common/config.h"

struct front_socket;

/* Listen on config->wire_socket. Replaces the socket of a dead broker, never of a live one. The
 * mode lets root and the group of config->user connect. `on_connected` takes each connection.
 * Borrows config. */
struct front_socket *front_socket_open(struct loop *loop, const struct config *config,
                                       void (*on_connected)(void *arg, int fd), void *arg,
                                       struct error *err);
/* Closes and unlinks. No-op for NULL. */
void front_socket_close(struct front_socket *listener);

#endif
