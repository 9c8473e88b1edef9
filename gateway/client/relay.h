/* relay.h - a queue of output for our own stdout and stderr. It keeps the order of all output,
 * across both.
 *
 * Nothing here blocks. So a slow reader of our output delays neither the network nor signals. The
 * descriptors stay in blocking mode, because other processes (a shell) share them. Instead, each
 * write is at most PIPE_BUF bytes, after poll(2) said that it will not block.
 */
#ifndef MAYFLY_RELAY_H
#define MAYFLY_RELAY_H

#include "common/buf.h"
#include "common/error.h"

struct relay {
    struct buf queue; /* segments: a header, then the bytes */
    /* bytes left of the first segment, whose header is already consumed; 0: no segment has begun */
    size_t left;
    int fd; /* the first segment's descriptor, while left > 0 */
};

/* max_bytes is the cap of the queue. */
void relay_init(struct relay *relay, size_t max_bytes);
void relay_release(struct relay *relay); /* drops the queue; relay can be used again */

/* Queue bytes for a descriptor. Returns false when the queue would exceed its cap. */
bool relay_put(struct relay *relay, int fd, struct bytes bytes);

/* Returns the descriptor to poll for writing; -1 when the queue is empty. */
int relay_fd(const struct relay *relay);

/* Write as much as is possible without blocking. Returns false with errno when a write fails
 * (EPIPE: the reader has closed the pipe). */
bool relay_flush(struct relay *relay);

#endif
