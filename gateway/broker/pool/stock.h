/* stock.h - the boxes of all shelves: makes them by plan, hands them to runs, and removes them.
 *
 * At each safe point the stock asks which runs wait (`on_asked`), and starts, evicts and retires
 * boxes as plan.h says. There are never more than max_boxes. The stock owns every box and its slot.
 * After failed starts it waits longer each time. The pool decides which run gets a box, and what
 * its audience is sent: the stock knows only the box of a run.
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
    /* The rank (order.h) of the first run without a coming box. Valid when more runs wait than
     * boxes come. */
    uint64_t first_rank;
};

/* Most events are about a box that was leased for `run`. */
struct stock_events {
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct run *run);
    /* As on_framed of box.h. After END or REFUSED the box is leaving. */
    void (*on_framed)(void *arg, struct run *run, const struct frame *frame);
    /* The box left during its run. */
    void (*on_lost)(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave);
    /* Starts for this shelf have failed so often that no run should wait for one. Borrows `why`. */
    void (*on_failing)(void *arg, struct shelf *shelf, const struct error *why);
    /* Fill in the demand of a shelf. Called while the stock follows its plan. */
    void (*on_asked)(void *arg, const struct shelf *shelf, struct stock_demand *demand);
};

struct stock {
    /* borrowed; set by the caller before stock_init */
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
    struct list running, removing, dead; /* boxes; the others are on lists of their shelves */
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

/* Take the oldest READY box off a shelf that has one, for a run. The caller links box and run. */
struct box *stock_lease(struct stock *stock, struct shelf *shelf);
/* Retire a box, whatever its state. */
void stock_retire(struct stock *stock, struct box *box);
/* Retire every box that is on a shelf. */
void stock_retire_shelf(struct stock *stock, struct shelf *shelf);

/* The safe point: start, evict and retire boxes by plan, and free those that are GONE. */
void stock_turn(struct stock *stock);
/* The engine is back: try waiting removals at once, and forget failed starts. */
void stock_engine_up(struct stock *stock);
/* Keep no shelf warm any more. */
void stock_drain(struct stock *stock);
/* Start no more boxes, and retire every box. */
void stock_stop(struct stock *stock);

/* Returns why boxes cannot be started, after several failed starts in a row; NULL if they can. */
const struct error *stock_trouble(const struct stock *stock);
/* Returns the number of boxes in that state. */
size_t stock_count(const struct stock *stock, enum box_state state);
/* Is this the name of a container that the stock has or is making? */
bool stock_knows(const struct stock *stock, const char *container_name);
/* Append the create JSON of the next box of this shelf. Returns false when it does not fit into
 * out. */
bool stock_write_spec(const struct stock *stock, const struct shelf *shelf, struct buf *out);
/* Append the metrics of boxes. */
void stock_report(const struct stock *stock, struct samples *samples);

#endif
