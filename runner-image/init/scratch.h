/* scratch.h - a directory of the box that programs may write to: empties it, and looks for changes.
 *
 * Emptying removes the files of a run and restores the directory's times. Any other change by a
 * program stays, and scratch_look shows it. Knows neither runs nor proofs.
 */
#ifndef MAYFLY_INIT_SCRATCH_H
#define MAYFLY_INIT_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "common/buf.h"

/* The largest number of entries that are removed, and the largest depth. For a larger tree, a new
 * box is faster. */
#define SCRATCH_ENTRIES_MAX 4096
#define SCRATCH_LEVELS_MAX 32

struct scratch {
    int fd;           /* -1: the directory does not exist */
    off_t size_bytes; /* its size when it is empty */
    struct timespec accessed, modified;
};

/* Open the directory for the life of the process, and remember its size and times. It must be
 * empty. */
void scratch_open(struct scratch *scratch, const char *path);

/* Remove everything in the directory. No other process may use it. Returns false when an entry
 * cannot be removed or there are too many entries; some of them may be gone then. */
bool scratch_empty(const struct scratch *scratch);

/* Append mode, owner, size, times and attribute names of the directory, and the free space of its
 * file system. Returns false when the directory cannot be looked at. */
bool scratch_look(const struct scratch *scratch, struct buf *out);

#endif
