/* displays.h - reads the program's displays from a pipe, checks them, and sends DISPLAY frames.
 *
 * The program itself writes to the pipe, so the bytes are not trusted. A malformed display is
 * dropped silently. A display arrives in several packets (protocol.h). Nothing here waits for the
 * program. The size and number of displays are capped, and so is our memory. The channel must be a
 * pipe: through a socket, a program could pass us descriptors that block when we close them.
 */
#ifndef MAYFLY_INIT_DISPLAYS_H
#define MAYFLY_INIT_DISPLAYS_H

#include "../protocol.h"
#include "common/job.h"
#include "streams.h"

struct displays {
    int fd;     /* -1: there is no pipe, or it was closed */
    bool empty; /* the last read found nothing */
    uint64_t left_bytes;
    unsigned left_count;
    bool is_of_cell; /* the program is a cell: forms have numbers, and there may be an exception */
    bool has_error;  /* the exception was sent */
    uint32_t last_number;
    /* the display whose packets are arriving */
    bool is_open;
    uint64_t name;
    enum display_form form;
    unsigned flags;
    struct buf content;
};

/* Takes fd; -1 for none. If the job allows 0 bytes of displays and is not a cell, the pipe is
 * closed. */
void displays_init(struct displays *displays, int fd, const struct job *job);
/* Start reading from a pipe that arrived later. Takes fd. */
void displays_attach(struct displays *displays, int fd);
/* Returns true if displays_pump can make progress: there is a pipe, and space in `up`. */
bool displays_can_pump(const struct displays *displays, const struct upstream *up);
/* Read packets and send complete displays. Stops when the pipe is empty or closed, `up` is full, or
 * READS_PER_PUMP is reached. Returns false when memory is out. */
bool displays_pump(struct displays *displays, struct upstream *up, uint64_t run_id);
/* Read some packets and drop them. Returns the number of bytes. No-op without a pipe. */
uint64_t displays_discard(struct displays *displays);
/* Returns true if everything was read. Only meaningful when the pipe has no writer any more. */
bool displays_are_drained(const struct displays *displays);

#endif
