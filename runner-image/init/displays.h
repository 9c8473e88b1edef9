/* displays.h - the program's displays: joins its packets, checks them, and sends DISPLAY frames.
 *
 * The program holds the pipe's other end, so anything may arrive. A malformed display is dropped
 * silently. Nothing here waits for the program. Caps limit the bytes and the number of displays,
 * and so our memory. The program's end must be a pipe: a socket could pass us descriptors that
 * block when they are closed.
 */
#ifndef MAYFLY_INIT_DISPLAYS_H
#define MAYFLY_INIT_DISPLAYS_H

#include "../protocol.h"
#include "common/job.h"
#include "streams.h"

struct displays {
    int fd;     /* -1: there is no pipe, or it has ended */
    bool empty; /* the last read found nothing */
    uint64_t left_bytes;
    unsigned left_count;
    bool is_of_cell; /* forms have numbers, and there may be an exception */
    bool has_error;  /* which has come */
    uint32_t last_number;
    /* the unfinished display */
    bool is_open;
    uint64_t name;
    enum display_form form;
    unsigned flags;
    struct buf content;
};

/* Takes fd; -1 for none. With a cap of 0 bytes a program that is no cell finds its pipe closed. */
void displays_init(struct displays *displays, int fd, const struct job *job);
/* Take the pipe of a program that had none. */
void displays_attach(struct displays *displays, int fd);
/* Returns true if displays_pump can make progress, given upstream's space. */
bool displays_can_pump(const struct displays *displays, const struct upstream *up);
/* Read packets and send finished displays. Stops when the pipe is empty or ended, upstream is full,
 * or a bounded share was read. Returns false when memory is out. */
bool displays_pump(struct displays *displays, struct upstream *up, uint64_t run_id);
/* Read some packets, and drop them. Returns their bytes. No-op without a pipe. */
uint64_t displays_discard(struct displays *displays);
/* Returns true if everything was read. Call once the pipe has no writer any more. */
bool displays_are_drained(const struct displays *displays);

#endif
