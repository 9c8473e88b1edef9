/* harvest.h - after the program has ended, finds the requested output files and sends them.
 *
 * The files may fill most of the box's memory, so they are read and sent in small pieces. Knows
 * frames, but neither processes nor phases.
 */
#ifndef MAYFLY_INIT_HARVEST_H
#define MAYFLY_INIT_HARVEST_H

#include "streams.h"
#include "walk.h"

struct harvest {
    struct buf globs;     /* OUTPUT_GLOB fields; empty: no files are requested */
    uint64_t files_bytes; /* bytes of all files together that may still be sent */
    uint64_t file_bytes;  /* cap of each file */
    struct walk walk;
    int dir_fd;
    size_t next;         /* index in walk.paths */
    int file_fd;         /* the file that is being sent; -1: none */
    uint64_t rest_bytes; /* bytes of that file that are not sent yet */
};

/* Copies what it needs of the job. Returns false when memory is out. */
bool harvest_init(struct harvest *harvest, const struct job *job);

bool harvest_is_wanted(const struct harvest *harvest);

/* Search for the files below `dir`, for at most half a second. The files that were found in that
 * time count. All processes of the box should be dead. In a session they continue, so files may be
 * missed or change during the search. */
void harvest_find(struct harvest *harvest, const char *dir);

/* Append as much as `up` has space for. Sets *done when all files are appended. Returns false when
 * memory is out. */
bool harvest_send(struct harvest *harvest, struct upstream *up, uint64_t run_id, bool *done);

/* Free everything. */
void harvest_release(struct harvest *harvest);

/* Returns how many requested files are left out (outcome.h). */
uint64_t harvest_left_out_count(const struct harvest *harvest);

#endif
