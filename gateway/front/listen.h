/* listen.h - the listening socket. */
#ifndef MAYFLY_LISTEN_H
#define MAYFLY_LISTEN_H

#include "common/error.h"

/* Bind and listen at `where` (endpoint.h). "[::]" is every address, IPv4 too; with port 0 the
 * kernel chooses a port. Returns a descriptor, owned by the caller, or -1 with ERR_INVALID or
 * ERR_SYSTEM; the error names the setting and its value. */
int listen_open(const char *setting, const char *where, struct error *err);

/* Check without a socket: could only this machine reach it? Fails with ERR_INVALID. */
bool listen_foresee(const char *setting, const char *where, bool *is_local, struct error *err);

/* Can only this machine reach a listening socket? */
bool listen_is_loopback(int fd);

/* Write the actual address of a listening socket, such as "[::1]:8000". Returns text. */
const char *listen_address(int fd, char text[64]);

#endif
