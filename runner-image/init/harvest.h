/* harvest.h - the output files that a job asked for: found when its program has ended, and sent up
 * one after the other.
 *
 * A file goes up in pieces as it is read, so that its size costs the box no memory: what the
 * program has written may have taken most of it. Knows frames, but neither processes nor phases.
 */
#ifndef MAYFLY_INIT_HARVEST_H
#define MAYFLY_INIT_HARVEST_H

#include "streams.h"
#include "walk.h"

struct harvest {
    struct buf globs;     /* OUTPUT_GLOB fields; empty: nothing was asked for */
    uint64_t files_bytes; /* what may still be sent, of all files together */
    uint64_t file_bytes;  /* of each of them */
    struct walk walk;
    int dir_fd;
    size_t next;         /* of walk.paths */
    int file_fd;         /* of the file that is being sent; -1: none is */
    uint64_t rest_bytes; /* of its frame */
};

/* Copies what it needs of the job. False when there is no memory. */
bool harvest_init(struct harvest *harvest, const struct job *job);

bool harvest_is_wanted(const struct harvest *harvest);

/* Look for the files below `dir`. Needs every process of the box dead. Takes half a second at
 * most; what was found by then counts. */
void harvest_find(struct harvest *harvest, const char *dir);

/* Append what upstream has room for; *done when all has been appended. False when there is no
 * memory. */
bool harvest_send(struct harvest *harvest, struct upstream *up, uint64_t run_id, bool *done);

/* Of struct outcome. */
uint64_t harvest_left_out_count(const struct harvest *harvest);

#endif
