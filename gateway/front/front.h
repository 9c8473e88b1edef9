/* front.h - the front process: the HTTP door, a wire to the broker, and no way to the engine. */
#ifndef MAYFLY_FRONT_H
#define MAYFLY_FRONT_H

#include "common/config.h"

/* Check whether a front that this process starts would refuse these settings, each of which is
 * good: listening for strangers without keys, a user whom it cannot become, a keys file that this
 * user cannot read or that is wrong. Call it before anything is started. Fails with ERR_INVALID or
 * ERR_SYSTEM. */
bool front_check(const struct config *config, struct error *err);

/* Are the addresses free where it would listen? Fails with ERR_INVALID or ERR_SYSTEM, naming
 * setting and address. */
bool front_can_listen(const struct config *config, struct error *err);

/* Be the front until told to stop; returns the process's exit code, after which the process must
 * end: 0 after a drain (SIGTERM), 1 when it could not start or, with a link_fd, when the broker was
 * lost.
 *
 * link_fd: the front's end of a socket pair whose other end is the broker's, taken; or -1: connect
 * to config.wire_socket. With a link_fd the process is under a supervisor: it dies with its parent
 * and ignores SIGINT, which the supervisor forwards as SIGTERM. Borrows config for the life of the
 * process. Once per process. */
int front_main(const struct config *config, int link_fd);

#endif
