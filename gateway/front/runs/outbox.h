/* outbox.h - the frames that wait to be sent to the broker, in order, under a budget.
 *
 * A RUN is as large as its request, and a broker may be slow to take it. When there is no room for
 * one more, the owner who holds the most loses their newest RUN of which nothing has been sent.
 * That run has not started, because the broker has never heard of it. Knows neither HTTP nor events
 * of sockets.
 */
#ifndef MAYFLY_OUTBOX_H
#define MAYFLY_OUTBOX_H

#include "common/buf.h"
#include "common/ledger.h"
#include "common/wire.h"

/* To initialise: zero it, then set the members above `parcels`. It is then empty. */
struct outbox {
    struct ledger ledger; /* of the RUNs; the caller sets max_bytes */
    /* The frame of this run was evicted; the outbox has removed it. Called by outbox_add. */
    void (*on_evicted)(void *arg, uint64_t run_id);
    void *arg;
    struct list parcels; /* private */
};

/* Add a whole RUN frame. Takes it on success. `owner` is the name of the run's key, or "". Returns
 * false when there is no room or no memory. */
bool outbox_add(struct outbox *outbox, uint64_t run_id, const char *owner, struct buf *frame);
/* Take back the RUN of which nothing has been sent. Returns false when there is none with that id.
 */
bool outbox_withdraw(struct outbox *outbox, uint64_t run_id);
/* Add a short frame, about this run or session. Returns false when memory is out. */
bool outbox_add_word(struct outbox *outbox, enum wire_type type, uint64_t id, struct bytes payload);

bool outbox_is_empty(const struct outbox *outbox);
/* Write to fd, which is non-blocking, until it takes no more or about `most_bytes` have been
 * written. Ignores errors: the next read will find them. */
void outbox_send(struct outbox *outbox, int fd, size_t most_bytes);
/* Drop all frames, without any callback. */
void outbox_clear(struct outbox *outbox);

#endif
