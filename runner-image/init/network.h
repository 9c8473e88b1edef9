/* network.h - what the kernel reports about the box's own network: sockets, counters, routes,
 * addresses.
 *
 * There is only the loopback interface. Its counters never fall, so a single packet is seen.
 */
#ifndef MAYFLY_INIT_NETWORK_H
#define MAYFLY_INIT_NETWORK_H

#include <stdbool.h>

#include "common/buf.h"

#define NETWORK_TEXTS_COUNT 9

struct network {
    int fds[NETWORK_TEXTS_COUNT]; /* -1: this kernel has no such text */
};

/* Open the kernel's texts below `proc`, for the life of the process. */
void network_open(struct network *network, const char *proc);

/* Append them, without the figures of the whole host. Returns false when one cannot be read. */
bool network_look(const struct network *network, struct buf *out);

#endif
