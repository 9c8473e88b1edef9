/* session_movement.h - lists, reads, writes or removes files of a session's /box, by a run of the
 * session without a cell.
 *
 * Such a run counts as use and makes the session busy. The routes of files use this, and so do
 * dialects. Knows no exchange: it takes a request and a transcript, and returns a problem.
 */
#ifndef MAYFLY_SESSION_MOVEMENT_H
#define MAYFLY_SESSION_MOVEMENT_H

#include "common/path.h"
#include "front/api/session_ask.h"

enum session_movement_deed {
    MOVEMENT_LIST, /* list the files that match `glob` */
    MOVEMENT_READ,
    MOVEMENT_WRITE, /* write the request's files */
    MOVEMENT_REMOVE,
};

#define MOVEMENT_GLOB_MAX_BYTES (3 * PATH_BYTES_MAX) /* a path whose every character is escaped */

/* A request that moves files, from its beginning to its end. Zero it, then call session_ask_init on
 * `ask`. */
struct session_movement {
    struct session_ask ask;
    enum session_movement_deed deed;
    struct buf path, glob;     /* path: the file's path. glob: the files to list; empty: all */
    uint32_t queue_timeout_ms; /* 0: the run does not wait for its turn */
    struct error why;          /* the texts of a problem */
};

void session_movement_release(struct session_movement *movement);

/* Returns the path, relative to /box. */
struct bytes session_movement_path(const struct session_movement *movement);
/* Add a mistake under this name if the path is not plain. */
void session_movement_check_path(const struct session_movement *movement, const char *name,
                                 struct field_errors *errors);
/* Fill the request, which has the defaults. If the reading has mistakes already, fill only a part.
 * The request borrows from the movement. */
void session_movement_fill(struct session_movement *movement, struct reading *reading);

/* Judge a run that has ended or was refused. Returns true if the run has done its work. After a
 * READ, the transcript's only exhibit is the whole file. After a LIST, each exhibit is a file
 * without content. Returns false with the problem, whose texts are valid as long as the movement.
 */
bool session_movement_judge(struct session_movement *movement, const struct transcript *transcript,
                            struct problem *problem);
/* Returns true if the list is incomplete, because it would be too long. */
bool session_movement_is_cut(const struct transcript *transcript);

#endif
