/* streams.h - the bytes that pass through init: out of the program, and up to the broker.
 *
 * All fds are non-blocking; each function here moves what can be moved now and returns. Knows
 * frames, but neither processes nor deadlines.
 *
 * Back-pressure: when `upstream` is full nothing more is read from the program's pipes, so a
 * program that writes faster than the broker reads waits in its own write(2). Past its cap an
 * output is still read, and only counted.
 */
#ifndef MAYFLY_INIT_STREAMS_H
#define MAYFLY_INIT_STREAMS_H

#include "common/outcome.h"

/* Frames on their way to the broker. `pending` is below its own cap by enough for the frames of
 * a run's end. */
struct upstream {
    int fd;
    struct buf pending;
    bool was_full; /* the reader has let us wait */
};

void upstream_init(struct upstream *up, int fd);
/* Append a frame. False when there is no memory for it. */
bool upstream_send(struct upstream *up, enum wire_type type, uint64_t run_id);
bool upstream_send_started(struct upstream *up, uint64_t run_id, bool cold);
bool upstream_send_outcome(struct upstream *up, uint64_t run_id, const struct outcome *outcome);
bool upstream_send_refusal(struct upstream *up, uint64_t run_id, const struct error *why);
/* Room for one more read of a program's pipe. */
bool upstream_has_room(const struct upstream *up);
/* Write once. False when the reader has gone. */
bool upstream_flush(struct upstream *up);

/* One output of the program. */
struct output {
    int fd;     /* -1 once it has ended */
    bool empty; /* the last read found nothing */
    enum wire_stream number;
    uint64_t cap_bytes;
    struct stream_count count;
};

/* Takes fd. */
void output_init(struct output *output, int fd, enum wire_stream number, uint64_t cap_bytes);
/* Whether output_pump would do anything, as far as upstream's room goes. */
bool output_can_pump(const struct output *output, const struct upstream *up);
/* Read what is there, pass on what is below the cap and count all of it, until the pipe is empty
 * or ended, upstream is full, or a bounded share was read. False when there is no memory. */
bool output_pump(struct output *output, struct upstream *up, uint64_t run_id);

/* Whether all was read of an output that nobody writes to any more. */
bool output_is_drained(const struct output *output);

#endif
