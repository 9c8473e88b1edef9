/* relay.h - queues bytes for our own stdout and stderr, in the order of their arrival.
 *
 * Nothing here waits. A slow reader of our output delays neither the network nor a signal, and the
 * gateway does not notice it. The descriptors stay blocking, since other processes (a shell) share
 * them. Instead, poll(2) precedes each write of at most PIPE_BUF bytes.
 */
#ifndef MAYFLY_RELAY_H
#define MAYFLY_RELAY_H

#include "common/buf.h"
#include "common/error.h"

struct relay {
    struct buf queue; /* segments: a head, then the bytes */
    /* rest of the first segment, whose head is consumed; 0: the next one is complete */
    size_t left;
    int fd; /* descriptor of the first segment, while left > 0 */
};

/* max_bytes limits the queue. */
void relay_init(struct relay *relay, size_t max_bytes);
void relay_release(struct relay *relay); /* drops the queue; relay is then empty and usable again */

/* Queue bytes for a descriptor. Returns false when the cap forbids it. */
bool relay_put(struct relay *relay, int fd, struct bytes bytes);

/* Returns the descriptor to poll for writing; -1 when the queue is empty. */
int relay_fd(const struct relay *relay);

/* Write as much as possible now. Returns false when a descriptor fails, with errno (EPIPE: its
 * reader has closed it). */
bool relay_flush(struct relay *relay);

#endif
