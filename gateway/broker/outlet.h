/* outlet.h - frames that wait for a front: a queue for each run, and one socket.
 *
 * The queues are written in slices, a few frames each, so that a run with much to say delays no
 * other's few bytes. Bytes are here until the socket has taken them, which is what `flow_is_empty`
 * says. A queue is never cut inside a frame. Knows no run and no box.
 */
#ifndef MAYFLY_OUTLET_H
#define MAYFLY_OUTLET_H

#include "common/list.h"
#include "common/wire.h"

/* One queue, embedded in what owns it. flow_init, then zero bytes wait. */
struct flow {
    struct node node; /* on the outlet's list while bytes of it wait */
    struct buf out;   /* whole frames, but for the part of the first that has been written */
};

struct outlet {
    int fd;
    struct list waiting;  /* flows with bytes, the next one to be written first */
    struct flow *current; /* the one that is being written */
    size_t left;          /* bytes of its slice */
};

/* Borrows fd, which is non-blocking. */
void outlet_init(struct outlet *outlet, int fd);
void flow_init(struct flow *flow, size_t max_bytes);

/* Queue a frame. False, and nothing changed, when the flow's cap or memory forbids. */
bool outlet_put(struct outlet *outlet, struct flow *flow, enum wire_type type, uint64_t run_id,
                struct bytes payload);
/* The flow's bytes have grown by other means (wire_begin): it joins the others. */
void outlet_add(struct outlet *outlet, struct flow *flow);
/* The flow's next slice comes before all others'. */
void outlet_hurry(struct outlet *outlet, struct flow *flow);
/* Drop what waits, but for the frames of the slice that has begun. */
void outlet_drop(struct outlet *outlet, struct flow *flow);

/* Write as much as the socket takes. Returns false when it broke. */
bool outlet_write(struct outlet *outlet);
bool outlet_is_empty(const struct outlet *outlet);

static inline bool flow_is_empty(const struct flow *flow)
{
    return flow->out.len == 0;
}

/* Free the bytes. The outlet is not to be used after that, or the flow is empty. */
void flow_release(struct flow *flow);

#endif
