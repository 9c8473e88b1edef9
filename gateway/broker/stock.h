/* stock.h - the pool's boxes: making them, what they tell, handing them to runs. Private to
 * pool.c (admission, life) and stock.c (boxes).
 */
#ifndef MAYFLY_STOCK_H
#define MAYFLY_STOCK_H

#include "broker/pool.h"
#include "broker/shelf.h"
#include "broker/turns.h"

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
    uint64_t serial;
    uint32_t failures; /* of starts, in a row */
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
void pool_refuse_shelf(struct pool *pool, struct shelf *shelf, const struct error *why);

/* Retire a box that the pool gives up, whatever its state. */
void stock_retire(struct pool *pool, struct box *box);
void stock_retire_all(struct pool *pool);
/* Pair who waits with what is ready; start, evict and retire by plan; free what is gone. */
void stock_turn(struct pool *pool);
/* The engine is back: waiting removals are tried at once, and a failed start is no longer held
 * against it. */
void stock_engine_up(struct pool *pool);

/* How many boxes are in that state. */
/* Forget all boxes, in silence. */
void stock_release(struct pool *pool);

size_t stock_count(const struct pool *pool, enum box_state state);

#endif
