/* listen.h - opens listening sockets. */
#ifndef MAYFLY_LISTEN_H
#define MAYFLY_LISTEN_H

#include "common/error.h"

/* Listen at `where` (endpoint.h). "[::]" means all addresses, including IPv4; with port 0 the
 * kernel chooses a port. Returns a descriptor, owned by the caller; -1 with ERR_INVALID or
 * ERR_SYSTEM. The error names the setting and its value. */
int listen_open(const char *setting, const char *where, struct error *err);

/* Find out, without opening a socket, whether only this machine could connect to a socket at
 * `where`. Fails with ERR_INVALID. */
bool listen_foresee(const char *setting, const char *where, bool *is_local, struct error *err);

/* Returns true if only this machine can connect to this listening socket. */
bool listen_is_loopback(int fd);

/* Write the actual address of a listening socket, such as "[::1]:8000". Returns text. */
const char *listen_address(int fd, char text[64]);

#endif
