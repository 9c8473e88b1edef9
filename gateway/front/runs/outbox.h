/* outbox.h - the frames that wait to be sent to the broker, in order, under a budget.
 *
 * A RUN is as large as its request, and a broker may be slow to take it. When there is no room for
 * one more, the owner who holds the most loses their newest RUN of which nothing has been sent: its
 * run has not started, for the broker has never heard of it. Knows neither HTTP nor sockets'
 * events.
 */
#ifndef MAYFLY_OUTBOX_H
#define MAYFLY_OUTBOX_H

#include "common/buf.h"
#include "common/ledger.h"

/* Zero-initialised plus the first group is empty. */
struct outbox {
    struct ledger ledger; /* of the RUNs; max_bytes is its owner's to set */
    /* This run's frame had to give way; the outbox has forgotten it. Called by outbox_add. */
    void (*on_evicted)(void *arg, uint64_t run_id);
    void *arg;
    struct list parcels; /* its own */
};

/* Add a whole RUN frame, which is taken on success. owner: whose run it is; "" for nobody's in
 * particular. False: no room, or no memory. */
bool outbox_add(struct outbox *outbox, uint64_t run_id, const char *owner, struct buf *frame);
/* Take back the RUN of which nothing has been sent. Returns false when there is none of that id. */
bool outbox_withdraw(struct outbox *outbox, uint64_t run_id);
/* Add a CANCEL frame for this run. Returns false when memory is out. */
bool outbox_add_cancel(struct outbox *outbox, uint64_t run_id);

bool outbox_is_empty(const struct outbox *outbox);
/* Write to fd, which does not block, until it takes no more or about `most_bytes` have gone. An
 * error is left for the next read to find. */
void outbox_send(struct outbox *outbox, int fd, size_t most_bytes);
/* Forget all of it, in silence. */
void outbox_clear(struct outbox *outbox);

#endif
