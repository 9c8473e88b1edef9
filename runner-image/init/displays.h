/* displays.h - what the program shows: its packets, put together, checked, and passed up as DISPLAY
 * frames.
 *
 * The pipe's other end is the program's, so whatever comes may be anything; what is no display is
 * dropped without a word. Nothing here waits for it. The caps hold whatever it sends: on the bytes
 * and the number of displays, and so on our memory. Its end of the pipe being a pipe matters: a
 * socket could hand us descriptors that block when they are closed.
 */
#ifndef MAYFLY_INIT_DISPLAYS_H
#define MAYFLY_INIT_DISPLAYS_H

#include "../protocol.h"
#include "streams.h"

struct displays {
    int fd;     /* -1: there is no pipe, or it has ended */
    bool empty; /* the last read found nothing */
    uint64_t left_bytes;
    unsigned left_count;
    /* the display under way */
    bool is_open;
    uint64_t name;
    enum display_form form;
    struct buf content;
};

/* Takes fd, -1 for none; with a cap of 0 bytes the program finds its pipe closed. */
void displays_init(struct displays *displays, int fd, uint64_t cap_bytes);
/* Whether displays_pump would do anything, as far as upstream's room goes. */
bool displays_can_pump(const struct displays *displays, const struct upstream *up);
/* Read what is there, and pass on what is whole, until the pipe is empty or ended, upstream is
 * full, or a bounded share was read. False when there is no memory. */
bool displays_pump(struct displays *displays, struct upstream *up, uint64_t run_id);
/* Whether all was read of a pipe that nobody writes to any more. */
bool displays_are_drained(const struct displays *displays);

#endif
