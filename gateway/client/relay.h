/* relay.h - bytes on their way to our own stdout and stderr, in the order in which they came.
 *
 * Nothing waits here: whoever reads us slowly holds up neither the network nor a signal, and the
 * gateway never sees a slow reader. The descriptors are not made non-blocking, for others (a shell)
 * have them too; instead poll(2) is asked before each write of at most PIPE_BUF bytes.
 */
#ifndef MAYFLY_RELAY_H
#define MAYFLY_RELAY_H

#include "common/buf.h"
#include "common/error.h"

struct relay {
    struct buf queue; /* segments: a head, then the bytes */
    size_t left;      /* of the first segment, whose head is taken off; 0: the next is whole */
    int fd;           /* of the first segment, while left > 0 */
};

/* max_bytes: held at a time. */
void relay_init(struct relay *relay, size_t max_bytes);
void relay_release(struct relay *relay); /* drops what is queued; relay is empty and usable again */

/* Queue bytes for a descriptor. False when the cap forbids. */
bool relay_put(struct relay *relay, int fd, struct bytes bytes);

/* The descriptor to be polled for writing; -1 when nothing is queued. */
int relay_fd(const struct relay *relay);

/* Write what can be written now. False when a descriptor takes no more: errno says why (EPIPE: its
 * reader has gone). */
bool relay_flush(struct relay *relay);

#endif
