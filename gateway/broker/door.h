/* door.h - where fronts come in: the listening wire socket, or the one connection that `serve`
 * inherits. */
#ifndef MAYFLY_BROKER_DOOR_H
#define MAYFLY_BROKER_DOOR_H

#include "broker/loop/loop.h"
#include "common/config.h"

struct door;

/* Listen on config->wire_socket, in place of a dead broker's socket there, never of a live
 * one's. Its mode lets root and the group of config->user connect. `came` takes each
 * connection. Lends config. */
struct door *door_open(struct loop *loop, const struct config *config,
                       void (*came)(void *arg, int fd), void *arg, struct error *err);
/* Closes and unlinks. NULL is fine. */
void door_close(struct door *door);

#endif
