/* walk.h - the files below a directory that a job's globs name.
 *
 * The tree is the program's, which may have made it as large, as deep and as odd as it could, but
 * which is dead by now. Regular files are found, by names that are valid UTF-8. Links are never
 * followed, other file systems never entered, and nothing is opened but directories. The walk is
 * bounded in depth (path.h), in entries and in time. Knows neither frames nor processes.
 */
#ifndef MAYFLY_INIT_WALK_H
#define MAYFLY_INIT_WALK_H

#include "common/quota.h"

#define WALK_ENTRIES_MAX 131072 /* entries of directories that are looked at */

/* Zero-initialised is empty. */
struct walk {
    char *paths[QUOTA_ARTIFACTS_MAX]; /* owned: of all that were found the first, in byte order */
    size_t count;
    /* Named by a glob and not among the paths: the rest, and what could not be reached or called by
     * its name. At least so many: the walk counts as one more when it was cut short. */
    uint64_t left_out_count;
};

/* Fill an empty walk with what lies below the open directory dir_fd. `globs` are a job's fields;
 * only its OUTPUT_GLOBs count. Returns after deadline_ns (clock_now_ns) at the latest. */
void walk_find(struct walk *walk, int dir_fd, struct bytes globs, uint64_t deadline_ns);
void walk_release(struct walk *walk);

#endif
