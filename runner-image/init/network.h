/* network.h - looks at the box's own network: sockets, counters, routes, addresses.
 *
 * There is only the loopback interface. Its counters never decrease, so even a single packet of a
 * run changes them for good.
 */
#ifndef MAYFLY_INIT_NETWORK_H
#define MAYFLY_INIT_NETWORK_H

#include <stdbool.h>

#include "common/buf.h"

#define NETWORK_TEXTS_COUNT 9

struct network {
    /* descriptors of the kernel's files; -1: this kernel does not have the file */
    int fds[NETWORK_TEXTS_COUNT];
};

/* Open the files below `proc`, for the life of the process. */
void network_open(struct network *network, const char *proc);

/* Append the files' texts, without numbers of the whole host. Returns false when a file cannot be
 * read. */
bool network_look(const struct network *network, struct buf *out);

#endif
