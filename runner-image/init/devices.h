/* devices.h - looks at the times of all entries in /dev, where a program could leave traces.
 *
 * Programs cannot create files in /dev. But the kernel records when links and directories there are
 * read and when terminals are used, and any later program can read these times.
 */
#ifndef MAYFLY_INIT_DEVICES_H
#define MAYFLY_INIT_DEVICES_H

#include <stdbool.h>

#include "common/buf.h"

struct devices {
    int fd;           /* the directory; -1: it cannot be read */
    struct buf names; /* the names of its entries, each followed by a NUL */
};

/* Open the directory and read its names, for the life of the process. Call it once. */
void devices_open(struct devices *devices, const char *path);

/* Append the times of the directory and of its entries except shm and mqueue. Returns false when an
 * entry has disappeared. */
bool devices_look(const struct devices *devices, struct buf *out);

#endif
