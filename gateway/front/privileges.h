/* privileges.h - the front gives up what it does not need, before it reads a byte of a client. */
#ifndef MAYFLY_PRIVILEGES_H
#define MAYFLY_PRIVILEGES_H

#include <sys/types.h>

#include "common/config.h"

/* As root, become config.user with no other group. In any case, allow no new privileges, be not
 * dumpable, and have as many descriptors as the hard limit allows. Then make sure that the engine's
 * socket is out of reach, which is the point of it all. `supervisor` is the pid of the parent whose
 * death must be ours too, 0 for none. Fails with ERR_SYSTEM or ERR_INVALID: the process must then
 * end. */
bool privileges_drop(const struct config *config, pid_t supervisor, struct error *err);

#endif
