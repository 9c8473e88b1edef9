/* outbox.h - frames that wait to be sent to the broker, in order, within a budget.
 *
 * A RUN frame is as large as its request, and a broker may be slow to take it. When there is no
 * space for another frame, the owner with the most waiting bytes loses their newest RUN frame of
 * which no byte was sent. The broker has never seen this run, so its program has not run. Knows
 * neither HTTP nor events of sockets.
 */
#ifndef MAYFLY_OUTBOX_H
#define MAYFLY_OUTBOX_H

#include "common/buf.h"
#include "common/ledger.h"
#include "common/wire.h"

/* To initialise: zero it, then set the members above `parcels`. */
struct outbox {
    struct ledger ledger; /* for RUN frames; the caller sets max_bytes */
    /* The frame of this run was evicted and removed. Called by outbox_add. */
    void (*on_evicted)(void *arg, uint64_t run_id);
    void *arg;
    struct list parcels; /* private */
};

/* Add a whole RUN frame. Takes it on success. `owner` is the name of the run's key, or "". Returns
 * false when there is no space, or memory is out. */
bool outbox_add(struct outbox *outbox, uint64_t run_id, const char *owner, struct buf *frame);
/* Remove this run's frame if nothing of it was sent. Returns false when there is no such frame.
 */
bool outbox_withdraw(struct outbox *outbox, uint64_t run_id);
/* Add a short frame, about this run or session. Returns false when memory is out. */
bool outbox_add_word(struct outbox *outbox, enum wire_type type, uint64_t id, struct bytes payload);

bool outbox_is_empty(const struct outbox *outbox);
/* Write to fd, which is non-blocking, until it accepts no more or about `most_bytes` were written.
 * Ignores errors: the next read will report them. */
void outbox_send(struct outbox *outbox, int fd, size_t most_bytes);
/* Remove all frames, without callbacks. */
void outbox_clear(struct outbox *outbox);

#endif
