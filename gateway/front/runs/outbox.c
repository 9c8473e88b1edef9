#include "front/runs/outbox.h"

#include <errno.h>
#include <stdlib.h>

/* One frame. */
struct parcel {
    struct stake stake; /* held by a RUN until its sending has begun; must be the first member */
    struct outbox *outbox;
    struct node node;
    uint64_t run_id;
    struct buf frame;
    bool is_whole_run; /* a RUN of which nothing has been sent */
};

static void parcel_free(struct parcel *parcel)
{
    ledger_leave(&parcel->stake);
    node_remove(&parcel->node);
    buf_release(&parcel->frame);
    free(parcel);
}

static void on_give_way(struct stake *stake)
{
    struct parcel *parcel = (struct parcel *)stake;
    struct outbox *outbox = parcel->outbox;
    uint64_t run_id = parcel->run_id;
    parcel_free(parcel);
    outbox->on_evicted(outbox->arg, run_id);
}

static struct parcel *parcel_new(struct outbox *outbox, uint64_t run_id)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    if (!parcel)
        return NULL;
    parcel->outbox = outbox;
    parcel->run_id = run_id;
    parcel->stake.on_give_way = on_give_way;
    node_init(&parcel->node, parcel);
    return parcel;
}

bool outbox_add(struct outbox *outbox, uint64_t run_id, const char *owner, struct buf *frame)
{
    struct parcel *parcel = parcel_new(outbox, run_id);
    if (!parcel)
        return false;
    if (!ledger_enter(&outbox->ledger, &parcel->stake, owner) ||
        !ledger_grow(&parcel->stake, frame->capacity)) {
        parcel_free(parcel);
        return false;
    }
    parcel->frame = buf_take(frame);
    parcel->is_whole_run = true;
    node_append(&parcel->node, &outbox->parcels);
    return true;
}

bool outbox_withdraw(struct outbox *outbox, uint64_t run_id)
{
    struct parcel *parcel = list_first(&outbox->parcels);
    while (parcel && !(parcel->is_whole_run && parcel->run_id == run_id))
        parcel = node_next(&parcel->node);
    if (parcel)
        parcel_free(parcel);
    return parcel != NULL;
}

bool outbox_add_word(struct outbox *outbox, enum wire_type type, uint64_t id, struct bytes payload)
{
    struct parcel *parcel = parcel_new(outbox, id);
    if (!parcel)
        return false;
    buf_init(&parcel->frame, WIRE_HEADER_BYTES + payload.len);
    node_append(&parcel->node, &outbox->parcels);
    if (wire_append(&parcel->frame, type, id, payload.data, payload.len))
        return true;
    parcel_free(parcel);
    return false;
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->parcels.count == 0;
}

void outbox_send(struct outbox *outbox, int fd, size_t most_bytes)
{
    struct parcel *parcel;
    while (most_bytes > 0 && (parcel = list_first(&outbox->parcels))) {
        long sent = buf_write_fd(&parcel->frame, fd);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return;
        /* The rest of a frame must follow its beginning. */
        parcel->is_whole_run = false;
        ledger_leave(&parcel->stake);
        if (parcel->frame.len == 0)
            parcel_free(list_take(&outbox->parcels));
        most_bytes = (size_t)sent < most_bytes ? most_bytes - (size_t)sent : 0;
    }
}

void outbox_clear(struct outbox *outbox)
{
    struct parcel *parcel;
    while ((parcel = list_take(&outbox->parcels)))
        parcel_free(parcel);
}
