/* privileges.h - gives up the front's privileges before it reads anything from a client. */
#ifndef MAYFLY_PRIVILEGES_H
#define MAYFLY_PRIVILEGES_H

#include <sys/types.h>

#include "common/config.h"

/* If the process is root, become config.user without supplementary groups. In any case set
 * no_new_privs, become non-dumpable, and raise the soft limit of descriptors to the hard limit.
 * Then check that this process cannot access the engine's socket, because the steps before only
 * serve this purpose. `supervisor` is the pid of a parent with which this process must die; 0:
 * none. Fails with ERR_SYSTEM or ERR_INVALID: the process must then exit. */
bool privileges_drop(const struct config *config, pid_t supervisor, struct error *err);

#endif
