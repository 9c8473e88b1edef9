/* box.h - writes a job's files into the box's directory (/box), and opens files there.
 *
 * Paths are not trusted. A path that is not plain (path.h) is refused. Each directory of a path is
 * opened separately, and symbolic links are never followed. So no path can lead outside of the
 * directory. Knows neither frames nor processes.
 */
#ifndef MAYFLY_INIT_BOX_H
#define MAYFLY_INIT_BOX_H

#include <sys/stat.h>

#include "common/job.h"
#include "common/path.h"

struct box {
    const char *dir; /* borrowed */
    int source_fd;   /* main.py, once box_prepare has created it; else -1 */
};

void box_init(struct box *box, const char *dir);

/* Create an empty main.py before the job arrives, because creating a file takes longer than writing
 * a short one. If this fails, box_fill reports it. */
void box_prepare(struct box *box);

/* Remove the empty main.py again. */
void box_unprepare(struct box *box);

/* Write the job's files, then its source to main.py. Fails with ERR_INVALID (a path is not plain)
 * or ERR_SYSTEM; files that were already written remain. */
bool box_fill(struct box *box, const struct job *job, struct error *err);

/* Remove the files that the job names for removal, and write its files, but not its source. Fails
 * like box_fill, and with ERR_SYSTEM when a file to remove does not exist. */
bool box_put_files(const struct box *box, const struct job *job, struct error *err);

/* Write one file at `path` below the open directory dir_fd. Creates missing directories and
 * replaces an existing file. Fails like box_fill. */
bool box_write(int dir_fd, struct bytes path, struct bytes content, struct error *err);

/* Find out whether /box or /tmp is full. If one of them has no inode left, sets *inodes_limit to
 * its number of inodes, else to 0. If one of them has no space left, sets *room_bytes to its size,
 * else to 0. */
void box_look_for_room(const struct box *box, uint64_t *inodes_limit, uint64_t *room_bytes);

/* Open a regular file for reading. Returns its descriptor, owned by the caller, and fills *status.
 * Returns -1 when it is missing, unreadable, not a regular file, or on another file system than the
 * directory. Never blocks. */
int box_open(int dir_fd, struct bytes path, struct stat *status);

#endif
