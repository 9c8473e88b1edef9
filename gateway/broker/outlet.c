#include "broker/outlet.h"

#include <errno.h>
#include <unistd.h>

/* A slice consists of whole frames, and has at least this many bytes, or all bytes of the queue if
 * these are fewer. */
#define SLICE_BYTES ((size_t)64 << 10)

void outlet_init(struct outlet *outlet, int fd)
{
    *outlet = (struct outlet){.fd = fd};
}

void flow_init(struct flow *flow, size_t max_bytes)
{
    *flow = (struct flow){.leads = false};
    node_init(&flow->node, flow);
    buf_init(&flow->out, max_bytes);
}

void flow_release(struct flow *flow)
{
    node_remove(&flow->node);
    buf_release(&flow->out);
}

void outlet_add(struct outlet *outlet, struct flow *flow)
{
    if (flow->node.list || flow == outlet->current || flow->out.len == 0)
        return;
    if (flow->leads)
        node_insert(&flow->node, &outlet->waiting, NULL);
    else
        node_append(&flow->node, &outlet->waiting);
}

void outlet_hurry(struct outlet *outlet, struct flow *flow)
{
    if (flow->node.list)
        node_insert(&flow->node, &outlet->waiting, NULL);
}

bool outlet_put(struct outlet *outlet, struct flow *flow, enum wire_type type, uint64_t run_id,
                struct bytes payload)
{
    if (!wire_append(&flow->out, type, run_id, payload.data, payload.len))
        return false;
    outlet_add(outlet, flow);
    return true;
}

void outlet_drop(struct outlet *outlet, struct flow *flow)
{
    if (flow == outlet->current) {
        buf_truncate(&flow->out, outlet->left);
        return;
    }
    node_remove(&flow->node);
    buf_release(&flow->out);
}

/* Returns the length of the queue's next slice. */
static size_t measure_slice(const struct flow *flow)
{
    size_t slice = 0;
    struct bytes rest = buf_bytes(&flow->out);
    while (rest.len && slice < SLICE_BYTES) {
        struct frame frame;
        size_t used;
        if (wire_parse(rest.data, rest.len, rest.len, &frame, &used) != WIRE_FRAME)
            return flow->out.len; /* a queue contains only whole frames */
        slice += used;
        rest = bytes_of(rest.data + used, rest.len - used);
    }
    return slice;
}

static bool begin_slice(struct outlet *outlet)
{
    outlet->current = list_take(&outlet->waiting);
    if (!outlet->current)
        return false;
    outlet->left = measure_slice(outlet->current);
    return true;
}

static void end_slice(struct outlet *outlet)
{
    struct flow *flow = outlet->current;
    outlet->current = NULL;
    outlet_add(outlet, flow);
    /* Free memory that only a long queue needed. */
    if (flow->out.capacity > SLICE_BYTES && flow->out.capacity / 2 > flow->out.len)
        buf_trim(&flow->out);
}

bool outlet_write(struct outlet *outlet)
{
    while (outlet->current || begin_slice(outlet)) {
        struct buf *out = &outlet->current->out;
        ssize_t put = write(outlet->fd, buf_bytes(out).data, outlet->left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno == EAGAIN;
        buf_consume(out, (size_t)put);
        outlet->left -= (size_t)put;
        if (outlet->left == 0)
            end_slice(outlet);
    }
    return true;
}

bool outlet_is_empty(const struct outlet *outlet)
{
    return !outlet->current && outlet->waiting.count == 0;
}
