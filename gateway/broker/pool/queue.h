/* queue.h - the waiting runs: their order, and the room that they take.
 *
 * A run waits on its shelf, after all runs with a smaller or equal rank (order.h). Each run is
 * counted for its owner until its bytes have left the process (room.h). When there is no room, the
 * queue chooses the run that must leave, and the pool refuses that run. Knows neither boxes nor the
 * engine.
 */
#ifndef MAYFLY_QUEUE_H
#define MAYFLY_QUEUE_H

#include "broker/pool/room.h"
#include "broker/pool/run.h"
#include "broker/pool/shelf.h"
#include "broker/pool/order.h"

/* Other files than queue.c may use only `count`. */
struct queue {
    const struct shelves *shelves;
    uint32_t count;
    struct order order;
    struct room room;
    size_t behind_count; /* audiences that are behind */
    uint64_t serial;     /* counts the runs that have entered */
};

/* Fill a zeroed queue. Borrows shelves. */
void queue_init(struct queue *queue, const struct shelves *shelves);
/* Free its memory. The pool owns the runs. */
void queue_release(struct queue *queue);

/* ---- order ---- */

/* Put a run on its shelf, after all runs with a smaller or equal rank. Returns false when memory is
 * out. */
bool queue_enter(struct queue *queue, struct run *run);
/* Count a run that waits for its session's box, on no shelf and in no order of this queue. Returns
 * false when memory is out. */
bool queue_hold(struct queue *queue, struct run *run);
/* Take out a run that has got its box. Its bytes are still counted, until queue_forget. */
void queue_serve(struct queue *queue, struct run *run);
/* Take out a run that is refused or canceled. Its bytes are not counted any more. */
void queue_drop(struct queue *queue, struct run *run);
/* Stop counting the bytes of a run that got its box, because they have left the process.
 * Idempotent. */
void queue_forget(struct queue *queue, struct run *run);

/* Skip the runs of this audience, or stop skipping them. Nothing else writes is_behind. */
void queue_set_behind(struct queue *queue, struct audience *audience, bool is_behind);
/* Returns the run that comes after `run` for a box of this shelf; the first one if `run` is NULL.
 * Ignores runs that are skipped. */
struct run *queue_next(const struct queue *queue, const struct shelf *shelf, const struct run *run);
/* Returns how many runs of this shelf wait for a box. Ignores runs that are skipped. */
uint32_t queue_count(const struct queue *queue, const struct shelf *shelf);

/* Append the metrics of the waiting runs. */
void queue_report(const struct queue *queue, const struct config *config, struct samples *samples);

/* ---- room ---- */

/* Returns the bytes of all frames that wait or are on their way to a box. */
uint64_t queue_bytes(const struct queue *queue);
/* Find the run that must leave when this owner needs `wanted` more of this kind. It is the newest
 * run of the owner who holds the most. Returns NULL if the new run must be refused instead. */
struct run *queue_find_giver(const struct queue *queue, enum room_kind kind, const char *owner,
                             uint64_t wanted);
/* Find the shelf that must be freed so that this owner can get a new one. It is an unused shelf, or
 * a shelf that only one owner uses, the owner with the most such shelves. Returns NULL if that
 * owner is `owner` itself. */
struct shelf *queue_find_spare_shelf(const struct queue *queue, const char *owner);

#endif
