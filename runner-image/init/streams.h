/* streams.h - byte streams: the program's outputs into init, and frames from init to the broker.
 *
 * All descriptors are non-blocking. Each function moves as many bytes as possible now, and returns.
 * Knows frames, but neither processes nor deadlines.
 *
 * Back-pressure: while `upstream` is full, the program's pipes are not read. So a program that
 * writes faster than the broker reads blocks in its own write(2). Output above the cap is still
 * read, but only counted.
 */
#ifndef MAYFLY_INIT_STREAMS_H
#define MAYFLY_INIT_STREAMS_H

#include "common/outcome.h"

/* Frames to the broker. `pending` keeps a reserve for the frames that end a run. */
struct upstream {
    int fd;
    struct buf pending;
    bool was_full; /* a write was refused at least once: the broker did not read fast enough */
};

void upstream_init(struct upstream *up, int fd);
/* Append a frame. Returns false when memory is out. */
bool upstream_send(struct upstream *up, enum wire_type type, uint64_t run_id);
/* `warmth` is in percent. */
bool upstream_send_started(struct upstream *up, uint64_t run_id, bool cold, unsigned warmth);
bool upstream_send_outcome(struct upstream *up, uint64_t run_id, const struct outcome *outcome);
/* Report that the box serves no further run. `word` is the reason, such as "files". */
bool upstream_send_gone(struct upstream *up, const char *word);
bool upstream_send_refusal(struct upstream *up, uint64_t run_id, const struct error *why);
/* Returns true if there is space for one more read from a program's pipe. */
bool upstream_has_room(const struct upstream *up);
/* Write once. Returns false when the reader has closed. */
bool upstream_flush(struct upstream *up);

/* One output of the program: its stdout or stderr. */
struct output {
    int fd;     /* -1 once it has ended */
    bool empty; /* the last read found nothing */
    enum wire_stream number;
    uint64_t cap_bytes;
    struct stream_count count;
};

/* Takes fd. */
void output_init(struct output *output, int fd, enum wire_stream number, uint64_t cap_bytes);
/* Returns true if output_pump can make progress: the pipe is open, and there is space in `up`, or
 * the output is only counted. */
bool output_can_pump(const struct output *output, const struct upstream *up);
/* Read the output, append the bytes below the cap, and count all. Stops when the pipe is empty or
 * closed, `up` is full, or READS_PER_PUMP is reached. Returns false when memory is out. */
bool output_pump(struct output *output, struct upstream *up, uint64_t run_id);

/* Read some of the output and drop it. Returns the number of bytes. No-op without a pipe. */
uint64_t output_discard(struct output *output);

/* Returns true if everything was read. Only meaningful when the pipe has no writer any more. */
bool output_is_drained(const struct output *output);

#endif
