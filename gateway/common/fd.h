/* fd.h - file descriptors. */
#ifndef MAYFLY_FD_H
#define MAYFLY_FD_H

#include <stdbool.h>

/* Make fd non-blocking. Returns false with errno set on failure. */
bool fd_set_nonblocking(int fd);

#endif
