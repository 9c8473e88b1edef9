/* outlet.h - frames that wait to be written to a front: a queue for each run, and one socket.
 *
 * The queues are written in slices of a few frames, so a run with much output does not delay the
 * few bytes of another. Bytes stay in the queue until the socket has taken them; then
 * `flow_is_empty` is true. A queue is never cut inside a frame. Knows no run and no box.
 */
#ifndef MAYFLY_OUTLET_H
#define MAYFLY_OUTLET_H

#include "common/list.h"
#include "common/wire.h"

/* One queue, embedded in its owner. Empty after flow_init. */
struct flow {
    struct node node; /* on the outlet's list while bytes of it wait */
    struct buf out;   /* whole frames, without the written part of the first */
    bool leads; /* set by its owner: its frames are written before those put later elsewhere */
};

struct outlet {
    int fd;
    struct list waiting;  /* flows with bytes, in the order of writing */
    struct flow *current; /* the one that is being written */
    size_t left;          /* bytes left of its slice */
};

/* Borrows fd, which is non-blocking. */
void outlet_init(struct outlet *outlet, int fd);
void flow_init(struct flow *flow, size_t max_bytes);

/* Queue a frame. Returns false, and changes nothing, when the flow is full or memory is out. */
bool outlet_put(struct outlet *outlet, struct flow *flow, enum wire_type type, uint64_t run_id,
                struct bytes payload);
/* Call this after bytes were added to flow->out directly (wire_begin): the flow joins the others.
 */
void outlet_add(struct outlet *outlet, struct flow *flow);
/* Write the next slice of this flow before all other slices. */
void outlet_hurry(struct outlet *outlet, struct flow *flow);
/* Drop the waiting frames, except those of a slice that has begun. */
void outlet_drop(struct outlet *outlet, struct flow *flow);

/* Write as much as the socket takes. Returns false when it broke. */
bool outlet_write(struct outlet *outlet);
bool outlet_is_empty(const struct outlet *outlet);

static inline bool flow_is_empty(const struct flow *flow)
{
    return flow->out.len == 0;
}

/* Free the bytes. The flow must be empty, unless the outlet is not used any more. */
void flow_release(struct flow *flow);

#endif
