/* scratch.h - a folder of the box that programs may write to: emptied, and looked at.
 *
 * A run may leave files there. Emptying the folder removes them and restores its times. Any other
 * change by a program stays, so that the look shows it. Knows neither runs nor proofs.
 */
#ifndef MAYFLY_INIT_SCRATCH_H
#define MAYFLY_INIT_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "common/buf.h"

/* The most entries that are removed at once, and the deepest level. A tree beyond them costs more
 * time than a new box. */
#define SCRATCH_ENTRIES_MAX 4096
#define SCRATCH_LEVELS_MAX 32

struct scratch {
    int fd;           /* -1: there is no such folder */
    off_t size_bytes; /* while it is empty */
    struct timespec accessed, modified;
};

/* Open it for the life of the process, and keep its size and times. It must be empty. */
void scratch_open(struct scratch *scratch, const char *path);

/* Remove everything in it. Requires that no other process uses it. Returns false when an entry
 * cannot be removed or there are too many; some are then removed. */
bool scratch_empty(const struct scratch *scratch);

/* Append the folder's rights, owner, size, times and attributes, and how much of its file system is
 * in use. Returns false when it cannot be looked at. */
bool scratch_look(const struct scratch *scratch, struct buf *out);

#endif
