/* session_movement.h - lists, reads, writes or removes files of a session's /box, by a run of the
 * session without a cell.
 *
 * It counts as use and makes the session busy. The routes of files use it, and dialects. Knows no
 * exchange: a request in, a transcript in, a problem out.
 */
#ifndef MAYFLY_SESSION_MOVEMENT_H
#define MAYFLY_SESSION_MOVEMENT_H

#include "common/path.h"
#include "front/api/session_ask.h"

enum session_movement_deed {
    MOVEMENT_LIST, /* those that match `glob` */
    MOVEMENT_READ,
    MOVEMENT_WRITE, /* the request's files */
    MOVEMENT_REMOVE,
};

#define MOVEMENT_GLOB_MAX_BYTES (3 * PATH_BYTES_MAX) /* a path whose every character is escaped */

/* A movement of files, from the request to its end. A zeroed one is released; begin with
 * session_ask_init. */
struct session_movement {
    struct session_ask ask;
    enum session_movement_deed deed;
    struct buf path, glob;     /* the path of one file; what is listed, all files without it */
    uint32_t queue_timeout_ms; /* 0: it does not wait for its turn */
    struct error why;          /* the texts of a problem */
};

void session_movement_release(struct session_movement *movement);

/* Returns the path, relative to /box. */
struct bytes session_movement_path(const struct session_movement *movement);
/* The path must be plain. Adds the mistake under this name. */
void session_movement_check_path(const struct session_movement *movement, const char *name,
                                 struct field_errors *errors);
/* Fill the request, which has the defaults. With another mistake it does less. The request borrows
 * from the movement. */
void session_movement_fill(struct session_movement *movement, struct reading *reading);

/* The run has ended or was refused: was it done? Of one that reads, the transcript's only exhibit
 * is the whole file; of one that lists, each is a file without content. Returns false with the
 * problem, whose texts are valid as long as the movement. */
bool session_movement_judge(struct session_movement *movement, const struct transcript *transcript,
                            struct problem *problem);
/* Is the list that was made too long to be whole? */
bool session_movement_is_cut(const struct transcript *transcript);

#endif
