/* walk.h - finds the files below a directory that match a job's globs.
 *
 * The program has created the tree, which may be huge, deep and odd. Finds regular files whose
 * names are valid UTF-8. Never follows links or enters other file systems, and opens only
 * directories. The walk is limited in depth (path.h), entries and time. Knows neither frames nor
 * processes.
 */
#ifndef MAYFLY_INIT_WALK_H
#define MAYFLY_INIT_WALK_H

#include "common/quota.h"

#define WALK_ENTRIES_MAX 131072 /* most directory entries that are examined */

/* A zeroed walk is empty. */
struct walk {
    char *paths[QUOTA_ARTIFACTS_MAX]; /* owned; the first of all found files, in byte order */
    size_t count;
    /* At least how many matching files are missing in `paths`: those above the maximum, those in
     * directories that could not be opened, and those whose path is too long or not UTF-8. A walk
     * that was stopped early adds one. */
    uint64_t left_out_count;
};

/* Fill an empty walk with the files below the open directory dir_fd. `globs` is a job's fields, of
 * which only OUTPUT_GLOB is used. Stops at deadline_ns (of clock_now_ns). */
void walk_find(struct walk *walk, int dir_fd, struct bytes globs, uint64_t deadline_ns);
void walk_release(struct walk *walk);

#endif
