/* stock.h - the pool's inside: its boxes (stock.c: making them, what they tell, handing them to
 * runs; stock_all.c: all of them) and its waiting runs (queue.c: order, room). Private to these and
 * pool*.c (admission, life, report).
 */
#ifndef MAYFLY_STOCK_H
#define MAYFLY_STOCK_H

#include "broker/pool/pool.h"
#include "broker/pool/room.h"
#include "broker/pool/shelf.h"
#include "broker/pool/turns.h"

/* From that many starts that failed one after the other on, those who wait are told. */
#define FAILURES_TROUBLE 3
#define RETRY_ENGINE_MS 1000

struct pool {
    struct loop *loop;
    struct docker *docker;
    struct engine *engine;
    const struct config *config;
    const char *instance;
    uint32_t first_uid;
    struct shelves shelves;
    struct list running, removing, dead; /* boxes */
    struct list running_runs, dead_runs;
    uint32_t waiting_count, starting_count, boxes_count;
    bool *slot_is_taken; /* max_boxes of them */
    struct turns turns;
    struct room room;
    size_t behind_count;         /* audiences that are behind */
    uint64_t serial, run_serial; /* of boxes, of runs */
    uint32_t failures;           /* of starts, in a row */
    struct error trouble;
    struct timer backoff;  /* no start while it runs */
    struct timer refill;   /* no refill while it runs */
    struct error distrust; /* why nobody is served; ERR_NONE: the self-test has passed */
    bool draining, stopped;
    uint64_t interval_ns, last_pair_ns; /* between pairings, smoothed: the measured rate */
    struct tally tally;
    struct histogram starts; /* from create to READY */
    uint64_t failed_starts_count;
};

/* Link and unlink run and box: only here. */
void pool_pair(struct run *run, struct box *box);
void pool_unpair(struct run *run);

/* Take a run off whatever it is on; it is freed at the safe point. */
void pool_bury_run(struct pool *pool, struct run *run);
/* Bury a run that has not begun and tell it so; a box that it has is retired. */
void pool_refuse(struct pool *pool, struct run *run, const struct error *why, uint32_t retry_ms);
void pool_refuse_shelf(struct pool *pool, struct shelf *shelf, const struct error *why);
/* When a place will be free, by the measured rate. */
uint32_t pool_retry_ms(const struct pool *pool);

/* ---- queue.c ---- */

/* Make room for one more run of this owner, of so many bytes, by refusing others' as room.h says.
 * Fails with ERR_BUSY. */
bool queue_make_room(struct pool *pool, const char *owner, size_t bytes, bool needs_place,
                     struct error *err);
/* Free a shelf that is in nobody's use or all in use of the owner with the most of them. False when
 * that is `owner`. */
bool queue_free_shelf(struct pool *pool, const char *owner);
/* Append a run to its shelf's, behind all whose turn is the same or before. False when memory is
 * out. */
bool queue_enter(struct pool *pool, struct run *run);
/* A run waits no longer. Its bytes are counted on, as under way, unless it goes. */
void queue_leave(struct pool *pool, struct run *run, bool goes);
/* Its bytes are no longer held. No-op when they are not. */
void queue_forget(struct pool *pool, struct run *run);
/* The run that is to have the next box of this shelf, or the next behind `run` (NULL: the first);
 * those that are passed over are left out. */
struct run *queue_next(const struct pool *pool, const struct shelf *shelf, const struct run *run);
/* How many there are. */
uint32_t queue_count(const struct pool *pool, const struct shelf *shelf);

/* ---- stock.c ---- */

/* Retire a box that the pool gives up, whatever its state. */
void stock_retire(struct pool *pool, struct box *box);
void stock_retire_all(struct pool *pool);
/* Pair who waits with what is ready; start, evict and retire by plan; free what is gone. */
void stock_turn(struct pool *pool);
/* The engine is back: waiting removals are tried at once, and a failed start is no longer held
 * against it. */
void stock_engine_up(struct pool *pool);

void stock_free_boxes(struct list *list);
/* Forget all boxes, in silence. */
void stock_release(struct pool *pool);

/* How many boxes are in that state. */
size_t stock_count(const struct pool *pool, enum box_state state);

#endif
