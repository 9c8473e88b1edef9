/* box.h - writes a job's files below the box's directory, and reads a program's files from it.
 *
 * Paths are not trusted. A path that is not plain (path.h) is refused. Each directory on the way is
 * opened by itself, and links are never followed. So no path leads outside. Knows neither frames
 * nor processes.
 */
#ifndef MAYFLY_INIT_BOX_H
#define MAYFLY_INIT_BOX_H

#include <sys/stat.h>

#include "common/job.h"
#include "common/path.h"

struct box {
    const char *dir; /* borrowed */
    int source_fd;   /* main.py, once it is prepared; else -1 */
};

void box_init(struct box *box, const char *dir);

/* Create main.py, empty, before the job arrives: opening a file takes longer than writing a short
 * one. When this fails, box_fill reports it. */
void box_prepare(struct box *box);

/* Undo box_prepare. */
void box_unprepare(struct box *box);

/* Write the job's files, then its source to main.py, and close it. Fails with ERR_INVALID (a path
 * is not plain) or ERR_SYSTEM; files written by then remain. */
bool box_fill(struct box *box, const struct job *job, struct error *err);

/* Remove the files that the job names for that, and write its files, but not its source. Fails like
 * box_fill, and with ERR_SYSTEM when a file is not there. */
bool box_put_files(const struct box *box, const struct job *job, struct error *err);

/* Write one file at `path` below the open directory dir_fd, and create missing directories.
 * Replaces an existing file. Fails like box_fill. */
bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err);

/* Report a full file system, /box or /tmp. *inodes_limit is its number of inodes when it has none
 * left, else 0. *room_bytes is its size when it has no byte left, else 0. */
void box_look_for_room(const struct box *box, uint64_t *inodes_limit, uint64_t *room_bytes);

/* Open a regular file for reading. Returns its descriptor, owned by the caller, and its status.
 * Returns -1 when it is missing, unreadable, or on a file system other than the directory's. Never
 * blocks. */
int box_open(int dir_fd, struct bytes path, struct stat *status);

#endif
