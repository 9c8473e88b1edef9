/* devices.h - the entries of /dev, as far as programs can leave marks on them.
 *
 * Nobody can make files there. But the kernel notes the times of reading links and folders, and of
 * using terminals, and any program can read such times.
 */
#ifndef MAYFLY_INIT_DEVICES_H
#define MAYFLY_INIT_DEVICES_H

#include <stdbool.h>

#include "common/buf.h"

struct devices {
    int fd;           /* of the folder; -1: it cannot be read */
    struct buf names; /* of its entries, each with a NUL */
};

/* Read the folder once, for the life of the process. */
void devices_open(struct devices *devices, const char *path);

/* Append the times of the folder and of each entry, except shm and mqueue. Returns false when one
 * does not exist any more. */
bool devices_look(const struct devices *devices, struct buf *out);

#endif
