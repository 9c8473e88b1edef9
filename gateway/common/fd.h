/* fd.h - file descriptors. */
#ifndef MAYFLY_FD_H
#define MAYFLY_FD_H

#include <stdbool.h>

/* False, errno set. */
bool fd_set_nonblocking(int fd);

#endif
