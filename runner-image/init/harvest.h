/* harvest.h - finds the requested output files when the program has ended, and sends them one by
 * one.
 *
 * The program's files may fill most of the box's memory. So a file is sent in pieces as it is read,
 * whatever its size. Knows frames, but neither processes nor phases.
 */
#ifndef MAYFLY_INIT_HARVEST_H
#define MAYFLY_INIT_HARVEST_H

#include "streams.h"
#include "walk.h"

struct harvest {
    struct buf globs;     /* OUTPUT_GLOB fields; empty: no files are requested */
    uint64_t files_bytes; /* what may still be sent, for all files together */
    uint64_t file_bytes;  /* limit of each file */
    struct walk walk;
    int dir_fd;
    size_t next;         /* index in walk.paths */
    int file_fd;         /* the file that is being sent; -1: none */
    uint64_t rest_bytes; /* rest of its frame */
};

/* Copies the parts of the job that it needs. Returns false when memory is out. */
bool harvest_init(struct harvest *harvest, const struct job *job);

bool harvest_is_wanted(const struct harvest *harvest);

/* Search for the files below `dir`. Every process of the box should be dead: in a session, where
 * that is not so, files may be missing or changed meanwhile. Takes at most
 * half a second; files found by then count. */
void harvest_find(struct harvest *harvest, const char *dir);

/* Append as much as upstream has space for. Sets *done when everything is appended. Returns false
 * when memory is out. */
bool harvest_send(struct harvest *harvest, struct upstream *up, uint64_t run_id, bool *done);

/* Free everything. */
void harvest_release(struct harvest *harvest);

/* Returns the left_out_count of struct outcome. */
uint64_t harvest_left_out_count(const struct harvest *harvest);

#endif
