/* stock.h - the boxes of all shelves: making them by plan, handing them to runs, removing them.
 *
 * At each safe point the stock asks what waits (`on_asked`), and starts, evicts and retires boxes
 * as plan.h says, never more than max_boxes in all. It owns every box and its slot. Starts that
 * fail one after the other wait longer and longer. Which run gets a box, and what its audience
 * hears, is the pool's: the stock knows of a run only which box it has.
 *
 * A box that has served a run, may serve more (tenure.h) and was proven clean by its init is kept
 * on its shelf for its owner: until its next run, its idle time, its age, or another's need.
 *
 * Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_STOCK_H
#define MAYFLY_STOCK_H

#include "broker/engine/engine.h"
#include "broker/pool/box.h"
#include "broker/pool/keeper.h"
#include "broker/pool/plan.h"
#include "broker/pool/refill.h"
#include "broker/pool/slots.h"
#include "broker/pool/shelf.h"
#include "common/backoff.h"
#include "common/sample.h"

/* The runs that wait for a box of a shelf, but for those that a box in reset is meant for. */
struct stock_demand {
    uint32_t waiting_count;
    /* The rank of the first run that no coming box is for (order.h), when more wait than come. */
    uint64_t first_rank;
};

/* Each event is of a box that was leased for `run`. */
struct stock_events {
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct run *run);
    /* As box.h's on_framed. After END or REFUSED the box is no longer the run's. */
    void (*on_framed)(void *arg, struct run *run, const struct frame *frame);
    /* The box left under its run. */
    void (*on_lost)(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave);
    /* Starts for this shelf have failed so often that nobody should wait for one; `why` is lent. */
    void (*on_failing)(void *arg, struct shelf *shelf, const struct error *why);
    /* Fill in what waits on a shelf. Asked while the stock follows its plan. */
    void (*on_asked)(void *arg, const struct shelf *shelf, struct stock_demand *demand);
};

struct stock {
    /* lent by whoever makes it */
    struct timers *timers;
    struct docker *docker;
    struct engine *engine;
    const struct config *config;
    const char *instance;
    struct shelves *shelves;
    const struct stock_events *events;
    void *arg;

    /* private to stock.c */
    struct list running, removing, dead; /* boxes; those of shelves are on their lists */
    uint32_t starting_count;
    struct slots slots; /* one for each box */
    uint64_t serial;    /* of boxes */
    uint32_t failures;  /* of starts, in a row */
    struct error trouble;
    struct backoff backoff;
    struct timer pause; /* no start while it runs */
    struct refill refill;
    bool draining, stopped;
    struct histogram starts; /* from create to READY */
    uint64_t failed_starts_count;
    struct keeper keeper;
};

/* Fill the rest of a stock that has what is lent to it. False when memory is out: release it. */
bool stock_init(struct stock *stock);
/* Forget all boxes, in silence. */
void stock_release(struct stock *stock);

/* Take a box off a shelf for a run: this kept one, or for NULL the oldest fresh READY one, of which
 * there is one. The caller links the two. Returns NULL when the box is another owner's, which is a
 * fault of this program; the box is then retired. */
struct box *stock_lease(struct stock *stock, struct shelf *shelf, struct box *kept,
                        const char *owner, uint32_t runs_most);
/* Retire a box that is given up, whatever its state. */
void stock_retire(struct stock *stock, struct box *box, enum retirement why);
/* Retire every box that is on a shelf. */
void stock_retire_shelf(struct stock *stock, struct shelf *shelf);
/* Retire every box that is kept or is being reset, and keep none that serves a run now. */
void stock_dismiss(struct stock *stock, enum retirement why);
/* Describe the stock as a whole, for plan.h. */
struct plan_pool stock_plan(const struct stock *stock);

/* The safe point: start, evict and retire by plan; free what is gone. Idempotent until something
 * happens. */
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
