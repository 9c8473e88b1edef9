/* listen.h - the listening socket. */
#ifndef MAYFLY_LISTEN_H
#define MAYFLY_LISTEN_H

#include "common/error.h"

/* Bind and listen on "host:port": an IPv4 address (or nothing, for all of them), an IPv6 address in
 * brackets ("[::]" is every address, IPv4 too), or a name; port 0 lets the kernel choose. Returns a
 * descriptor, owned by the caller, or -1 with ERR_INVALID or ERR_SYSTEM. */
int listen_open(const char *where, struct error *err);

/* Is a listening socket for this machine alone? */
bool listen_is_loopback(int fd);

/* The address that a listening socket really has, such as "[::1]:8000". Returns text. */
const char *listen_address(int fd, char text[64]);

#endif
