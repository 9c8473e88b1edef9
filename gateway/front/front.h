/* front.h - the front process: serves HTTP, and sends runs to the broker. It has no access to the
 * engine. */
#ifndef MAYFLY_FRONT_H
#define MAYFLY_FRONT_H

#include "common/config.h"

/* Check for settings that are valid by themselves, but would stop a front that this process starts.
 * These are an address that others can reach although there are no keys, a user that it cannot
 * become, and a keys file that is invalid or that this user cannot read. Call it before anything is
 * started. Fails with ERR_INVALID or ERR_SYSTEM. */
bool front_check(const struct config *config, struct error *err);

/* Check that the front's addresses are free. Fails with ERR_INVALID or ERR_SYSTEM; the error names
 * the setting and the address. */
bool front_can_listen(const struct config *config, struct error *err);

/* Run the front until it is stopped. Returns the exit code of the process, which must then end: 0
 * after a drain (SIGTERM); 1 if the front could not start or, with a link_fd, lost the broker.
 *
 * link_fd is the front's end of a socket pair to the broker; it is taken. -1: connect to
 * config.wire_socket instead. With a link_fd, the process has a supervisor: it dies with that
 * parent, and ignores SIGINT, because the supervisor sends SIGTERM. Borrows config for the life of
 * the process. Call it once. */
int front_main(const struct config *config, int link_fd);

#endif
