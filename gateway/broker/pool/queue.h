/* queue.h - the waiting runs: their order, and the room that they have.
 *
 * A run waits on its shelf, after all whose rank is smaller than its own (order.h). Each run is
 * counted for its owner until its bytes have left the process (room.h). This says which run gives
 * way when there is no room; refusing it is the pool's. Knows neither boxes nor the engine.
 */
#ifndef MAYFLY_QUEUE_H
#define MAYFLY_QUEUE_H

#include "broker/pool/room.h"
#include "broker/pool/run.h"
#include "broker/pool/shelf.h"
#include "broker/pool/order.h"

/* Private to queue.c, but for count. */
struct queue {
    const struct shelves *shelves;
    uint32_t count;
    struct order order;
    struct room room;
    size_t behind_count; /* audiences that are behind */
    uint64_t serial;     /* of runs */
};

/* Fill a zeroed queue. Borrows shelves. */
void queue_init(struct queue *queue, const struct shelves *shelves);
/* Free its memory; the runs are the pool's. */
void queue_release(struct queue *queue);

/* ---- order ---- */

/* Append a run to its shelf's, after all whose rank is the same or smaller. False when memory is
 * out. */
bool queue_enter(struct queue *queue, struct run *run);
/* A run waits no longer: it is served. Its bytes are still counted, until queue_forget. */
void queue_serve(struct queue *queue, struct run *run);
/* A run waits no longer: it is refused or canceled. Its bytes are no longer counted. */
void queue_drop(struct queue *queue, struct run *run);
/* The bytes of a run that was served have left the process. Idempotent. */
void queue_forget(struct queue *queue, struct run *run);

/* Pass over the runs of this audience, or no longer. The only writer of is_behind. */
void queue_set_behind(struct queue *queue, struct audience *audience, bool is_behind);
/* The run that is to have the next box of this shelf, or the next after `run` (NULL: the first).
 * Runs that are passed over are left out. */
struct run *queue_next(const struct queue *queue, const struct shelf *shelf, const struct run *run);
/* How many runs of this shelf wait for a box. Runs that are passed over are left out. */
uint32_t queue_count(const struct queue *queue, const struct shelf *shelf);

/* ---- room ---- */

/* Bytes of all frames that wait or are on their way to a box. */
uint64_t queue_bytes(const struct queue *queue);
/* The run that gives way to one of this owner, who wants so much more: the newest of the largest
 * holder. NULL: the newcomer gives way. */
struct run *queue_find_giver(const struct queue *queue, enum room_kind kind, const char *owner,
                             uint64_t wanted);
/* The shelf that gives way to one for this owner: one in nobody's use, or one in use of the owner
 * with the most of them alone. NULL: that owner is `owner`. */
struct shelf *queue_find_spare_shelf(const struct queue *queue, const char *owner);

#endif
