/* box.h - files below the box's directory: a job's are written there, a program's read.
 *
 * Paths are not trusted: what is not plain (path.h) is refused, each directory on the way is opened
 * by itself, and links are never followed. So nothing outside can be named. Knows neither frames
 * nor processes.
 */
#ifndef MAYFLY_INIT_BOX_H
#define MAYFLY_INIT_BOX_H

#include <sys/stat.h>

#include "common/job.h"
#include "common/path.h"

struct box {
    const char *dir; /* lent */
    int source_fd;   /* of main.py, once it is prepared; else -1 */
};

void box_init(struct box *box, const char *dir);

/* Make main.py ahead of the job, empty: to open a file takes longer than to write a short one.
 * Where that fails, box_fill will say why. */
void box_prepare(struct box *box);

/* Write the job's files, then its source as main.py, and close that. Fails with ERR_INVALID (a path
 * is not plain) or ERR_SYSTEM; what was written by then stays. */
bool box_fill(struct box *box, const struct job *job, struct error *err);

/* Write one file at `path` below the open directory dir_fd, making directories on the way; an
 * existing file is replaced. Fails as box_fill. */
bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err);

/* How many files and folders fit into the box's directory, or into /tmp, when one of them has no
 * room for one more; else 0. And the same for bytes. */
void box_look_for_room(const struct box *box, uint64_t *inodes_limit, uint64_t *room_bytes);

/* Open a regular file for reading: its descriptor, the caller's to close, and its status. -1 when
 * there is none, or none that may be read, on the directory's own file system. Never blocks. */
int box_open(int dir_fd, struct bytes path, struct stat *status);

#endif
