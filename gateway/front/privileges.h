/* privileges.h - the front drops its privileges before it reads a byte from a client. */
#ifndef MAYFLY_PRIVILEGES_H
#define MAYFLY_PRIVILEGES_H

#include <sys/types.h>

#include "common/config.h"

/* If the process is root, become config.user, without supplementary groups. In any case, set
 * no_new_privs, become non-dumpable, and raise the limit of descriptors to the hard limit. Then
 * check that the engine's socket is out of reach, which is the purpose of all this. `supervisor` is
 * the pid of a parent whose death must end this process too; 0 for none. Fails with ERR_SYSTEM or
 * ERR_INVALID: the process must then end. */
bool privileges_drop(const struct config *config, pid_t supervisor, struct error *err);

#endif
