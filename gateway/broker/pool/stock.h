/* stock.h - the boxes of all shelves: making them by plan, handing them to runs, removing them.
 *
 * At each safe point the stock asks what waits (`on_asked`), and starts, evicts and retires boxes
 * as plan.h says, never more than max_boxes in all. It owns every box and its slot. Starts that
 * fail one after the other wait longer and longer. Which run gets a box, and what its audience
 * hears, is the pool's: the stock knows of a run only which box it has.
 *
 * Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_STOCK_H
#define MAYFLY_STOCK_H

#include "broker/engine/engine.h"
#include "broker/pool/box.h"
#include "broker/pool/shelf.h"
#include "common/backoff.h"
#include "common/sample.h"

/* The runs that wait for a box of a shelf. */
struct stock_demand {
    uint32_t waiting_count;
    /* The rank of the first run that no coming box is for (order.h), when more wait than come. */
    uint64_t first_rank;
};

/* Each event is of a box that was leased for `run`. */
struct stock_events {
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct run *run);
    /* As box.h's on_framed. After END or REFUSED the box is on its way out. */
    void (*on_framed)(void *arg, struct run *run, const struct frame *frame);
    /* The box left under its run. */
    void (*on_lost)(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave);
    /* Starts for this shelf have failed so often that no run should wait for one. Borrows `why`. */
    void (*on_failing)(void *arg, struct shelf *shelf, const struct error *why);
    /* Fill in what waits on a shelf. Asked while the stock follows its plan. */
    void (*on_asked)(void *arg, const struct shelf *shelf, struct stock_demand *demand);
};

struct stock {
    /* borrowed from whoever makes it */
    struct timers *timers;
    struct docker *docker;
    struct engine *engine;
    const struct config *config;
    const char *instance;
    const struct shelves *shelves;
    const struct stock_events *events;
    void *arg;

    /* private to stock.c */
    uint32_t first_uid;
    struct list running, removing, dead; /* boxes; those of shelves are on their lists */
    uint32_t starting_count, boxes_count;
    bool *slot_is_taken; /* max_boxes of them */
    uint64_t serial;     /* of boxes */
    uint32_t failures;   /* of starts, in a row */
    struct error trouble;
    struct backoff backoff;
    struct timer pause;  /* no start while it runs */
    struct timer refill; /* no refill while it runs */
    bool draining, stopped;
    struct histogram starts; /* from create to READY */
    uint64_t failed_starts_count;
};

/* Fill the rest of a stock whose borrowed members are set. Returns false when memory is out:
 * release the stock. */
bool stock_init(struct stock *stock);
/* Forget all boxes, in silence. */
void stock_release(struct stock *stock);

/* Take the oldest READY box off a shelf that has one, for a run. The caller links the two. */
struct box *stock_lease(struct stock *stock, struct shelf *shelf);
/* Retire a box that is given up, whatever its state. */
void stock_retire(struct stock *stock, struct box *box);
/* Retire every box that is on a shelf. */
void stock_retire_shelf(struct stock *stock, struct shelf *shelf);

/* The safe point: start, evict and retire by plan; free what is gone. */
void stock_turn(struct stock *stock);
/* The engine is back: waiting removals are tried at once, and failed starts are forgotten. */
void stock_engine_up(struct stock *stock);
/* Keep no shelf warm any more. */
void stock_drain(struct stock *stock);
/* Start no box any more, and retire every one. */
void stock_stop(struct stock *stock);

/* Why boxes cannot be started, after several starts in a row have failed; NULL: they can. */
const struct error *stock_trouble(const struct stock *stock);
/* The number of boxes in that state. */
size_t stock_count(const struct stock *stock, enum box_state state);
/* Is this the name of a container that the stock has or is making. */
bool stock_knows(const struct stock *stock, const char *container_name);
/* Append the create JSON of the next box of this shelf. False when out's cap forbids. */
bool stock_write_spec(const struct stock *stock, const struct shelf *shelf, struct buf *out);
/* Put the metrics of boxes. */
void stock_report(const struct stock *stock, struct samples *samples);

#endif
