/* walk.h - finds the files below a directory that a job's globs name.
 *
 * The program made the tree, which may be as large, deep and odd as possible; but the program is
 * dead by now. Finds regular files whose names are valid UTF-8. Never follows links, never enters
 * other file systems, and opens nothing but directories. The walk is bounded in depth (path.h), in
 * entries and in time. Knows neither frames nor processes.
 */
#ifndef MAYFLY_INIT_WALK_H
#define MAYFLY_INIT_WALK_H

#include "common/quota.h"

#define WALK_ENTRIES_MAX 131072 /* the most directory entries that are examined */

/* A zeroed walk is empty. */
struct walk {
    char *paths[QUOTA_ARTIFACTS_MAX]; /* owned; the first of all found files, in byte order */
    size_t count;
    /* A lower bound for the number of matching files that are not among the paths: those past the
     * maximum, those in directories that could not be entered, and those whose path is too long or
     * not UTF-8. A walk that was cut short adds one. */
    uint64_t left_out_count;
};

/* Fill an empty walk with the files below the open directory dir_fd. `globs` are a job's fields;
 * only its OUTPUT_GLOBs count. Returns at deadline_ns (clock_now_ns) at the latest. */
void walk_find(struct walk *walk, int dir_fd, struct bytes globs, uint64_t deadline_ns);
void walk_release(struct walk *walk);

#endif
