/* front.h - the front process: the HTTP door, a wire to the broker, and no way to the engine. */
#ifndef MAYFLY_FRONT_H
#define MAYFLY_FRONT_H

#include "common/config.h"

/* Check whether a front started by this process would refuse these settings, although each is valid
 * by itself. It refuses to listen for strangers without keys, a user that it cannot become, and a
 * keys file that is invalid or that this user cannot read. Call it before anything is started.
 * Fails with ERR_INVALID or ERR_SYSTEM. */
bool front_check(const struct config *config, struct error *err);

/* Check whether the addresses are free where the front would listen. Fails with ERR_INVALID or
 * ERR_SYSTEM; the error names the setting and the address. */
bool front_can_listen(const struct config *config, struct error *err);

/* Run the front until it is stopped. Returns the exit code of the process, which must then end: 0
 * after a drain (SIGTERM); 1 when the front could not start or, with a link_fd, lost the broker.
 *
 * link_fd is the front's end of a socket pair whose other end is the broker's; it is taken. -1
 * means to connect to config.wire_socket. With a link_fd the process is under a supervisor: it dies
 * with its parent and ignores SIGINT, which the supervisor forwards as SIGTERM. Borrows config for
 * the life of the process. Once per process. */
int front_main(const struct config *config, int link_fd);

#endif
