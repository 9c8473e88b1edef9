/* streams.h - the streams through init: from the program, and to the broker.
 *
 * All fds are non-blocking. Each function here moves as many bytes as possible now, and returns.
 * Knows frames, but neither processes nor deadlines.
 *
 * Back-pressure: when `upstream` is full, nothing more is read from the program's pipes. So a
 * program that writes faster than the broker reads waits in its own write(2). An output past its
 * cap is still read, but only counted.
 */
#ifndef MAYFLY_INIT_STREAMS_H
#define MAYFLY_INIT_STREAMS_H

#include "common/outcome.h"

/* Frames to the broker. `pending` always keeps enough space for the frames of a run's end. */
struct upstream {
    int fd;
    struct buf pending;
    bool was_full; /* the reader has made us wait */
};

void upstream_init(struct upstream *up, int fd);
/* Append a frame. Returns false when memory is out. */
bool upstream_send(struct upstream *up, enum wire_type type, uint64_t run_id);
/* `warmth` is in percent. */
bool upstream_send_started(struct upstream *up, uint64_t run_id, bool cold, unsigned warmth);
bool upstream_send_outcome(struct upstream *up, uint64_t run_id, const struct outcome *outcome);
/* `word` names the state that was different. */
bool upstream_send_gone(struct upstream *up, const char *word);
bool upstream_send_refusal(struct upstream *up, uint64_t run_id, const struct error *why);
/* Returns true if there is space for one more read of a program's pipe. */
bool upstream_has_room(const struct upstream *up);
/* Write once. Returns false when the reader has closed. */
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
/* Returns true if output_pump can make progress, given upstream's space. */
bool output_can_pump(const struct output *output, const struct upstream *up);
/* Read the output, pass on the bytes below the cap, and count all of them. Stops when the pipe is
 * empty or ended, upstream is full, or a bounded share was read. Returns false when memory is
 * out. */
bool output_pump(struct output *output, struct upstream *up, uint64_t run_id);

/* Returns true if everything was read. Call once the output has no writer any more. */
bool output_is_drained(const struct output *output);

#endif
