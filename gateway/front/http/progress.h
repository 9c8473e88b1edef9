/* progress.h - how far the other end of a TCP connection has got with what was sent to it. */
#ifndef MAYFLY_PROGRESS_H
#define MAYFLY_PROGRESS_H

#include <stdint.h>

/* The bytes that it has acknowledged since the connection began; 0 where the kernel does not tell.
 */
uint64_t progress_acked_bytes(int fd);

#endif
