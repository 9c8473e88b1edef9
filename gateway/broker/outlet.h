/* outlet.h - frames that wait to be written to a front: one socket, and several queues (struct
 * flow). The caller has one for each run, and some for other frames.
 *
 * The queues are written in turns, a slice each time: whole frames of at least 64 KiB together, or
 * all that the queue has. So the output of one run does not delay that of another. Bytes stay in
 * the queue until the socket has taken them; then flow_is_empty returns true. Frames are never
 * mixed: each is written whole before the next begins. Knows neither runs nor boxes.
 */
#ifndef MAYFLY_OUTLET_H
#define MAYFLY_OUTLET_H

#include "common/list.h"
#include "common/wire.h"

/* A queue, embedded in its owner. Empty after flow_init. */
struct flow {
    struct node node; /* on the outlet's list while it has bytes */
    struct buf out;   /* whole frames; only the first may be written in part */
    /* set by its owner: the frames of this flow are written before frames that other flows get
     * later */
    bool leads;
};

struct outlet {
    int fd;
    struct list waiting;  /* queues with bytes, in the order of writing */
    struct flow *current; /* the queue that is being written */
    size_t left;          /* unwritten bytes of its slice */
};

/* Borrows fd, which is non-blocking. */
void outlet_init(struct outlet *outlet, int fd);
void flow_init(struct flow *flow, size_t max_bytes);

/* Queue a frame. Returns false, with nothing changed, when the flow is full or memory is out. */
bool outlet_put(struct outlet *outlet, struct flow *flow, enum wire_type type, uint64_t run_id,
                struct bytes payload);
/* Call this after appending to flow->out directly (wire_begin): the flow joins the waiting flows.
 */
void outlet_add(struct outlet *outlet, struct flow *flow);
/* Write the next slice of this flow before those of all other flows. */
void outlet_hurry(struct outlet *outlet, struct flow *flow);
/* Drop the flow's frames, except those of the slice that is being written. */
void outlet_drop(struct outlet *outlet, struct flow *flow);

/* Write as much as the socket accepts. Returns false when the connection is broken. */
bool outlet_write(struct outlet *outlet);
bool outlet_is_empty(const struct outlet *outlet);

static inline bool flow_is_empty(const struct flow *flow)
{
    return flow->out.len == 0;
}

/* Free the bytes. The flow must be empty, unless the outlet is no longer used. */
void flow_release(struct flow *flow);

#endif
