/* stock.h - the boxes of all shelves: makes them by plan, hands them to runs, and removes them.
 *
 * At each safe point the stock asks for the number of waiting runs (`on_asked`), and starts, evicts
 * and retires boxes by plan.h. There are never more than max_boxes. The stock owns every box and
 * its slot. After each failed start in a row, the next start waits longer. The pool decides which
 * run gets a box, and which frames its audience gets. The stock only has the box of a run.
 *
 * A box that may serve more runs (tenure.h), and that its init has proved clean, is kept on its
 * shelf for its owner. It stays there until its next run, or until it is evicted, too old, or idle
 * for too long. A box that is leased to a session serves all the session's runs. The stock never
 * evicts it, because only leases.h ends a session.
 *
 * Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_STOCK_H
#define MAYFLY_STOCK_H

#include "broker/engine/engine.h"
#include "broker/pool/box.h"
#include "broker/pool/failures.h"
#include "broker/pool/keeper.h"
#include "broker/pool/plan.h"
#include "broker/pool/refill.h"
#include "broker/pool/slots.h"
#include "broker/pool/shelf.h"
#include "common/sample.h"

/* Numbers about the runs that wait for a box of a shelf. A run for which a box in reset is reserved
 * does not count. */
struct stock_demand {
    uint32_t waiting_count;
    /* The rank (order.h) of the first run without a coming box. Valid only if waiting_count is
     * larger than the number of coming boxes. */
    uint64_t first_rank;
};

/* Most events are about a box that was leased for `run`. */
struct stock_events {
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct run *run);
    /* The frame is as in on_framed of box.h. After END or REFUSED the box is no longer the run's.
     */
    void (*on_framed)(void *arg, struct run *run, const struct frame *frame);
    /* The box left during its run. */
    void (*on_lost)(void *arg, struct run *run, const struct box *box,
                    const struct box_leave *leave);
    /* A box that is leased to a session left by itself. on_lost follows if it had a run. */
    void (*on_lease_lost)(void *arg, const struct box *box, const struct box_leave *leave);
    /* Starts for this shelf have failed so often that no run should wait for a box. Borrows
     * `why`. */
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
    struct shelves *shelves;
    const struct stock_events *events;
    void *arg;

    /* private to stock.c */
    /* lists of boxes; all other boxes are on lists of their shelves. `leased` has boxes of sessions
     * that no run has now */
    struct list running, leased, removing, dead;
    uint32_t starting_count;
    struct slots slots;       /* one for each box */
    uint64_t serial;          /* counts the boxes, for their names */
    struct failures failures; /* counts the starts that failed */
    struct refill refill;
    bool draining, stopped;
    struct histogram starts; /* times from create to READY */
    struct keeper keeper;
};

/* Fill the rest of a stock whose borrowed members are set. Returns false when memory is out:
 * release the stock. */
bool stock_init(struct stock *stock);
/* Free all boxes, without callbacks. */
void stock_release(struct stock *stock);

/* Take a box off a shelf for a run: the box `kept`, or if that is NULL the oldest fresh READY box,
 * which must exist. The caller links box and run. Returns NULL, and retires the box, if it belongs
 * to another owner, which is a fault of this program. */
struct box *stock_lease(struct stock *stock, struct shelf *shelf, struct box *kept,
                        struct tenant tenant, uint32_t runs_most);
/* Take a session's box for its next run. The caller links box and run. Returns false, with nothing
 * changed, while the box is not READY. */
bool stock_resume(struct stock *stock, struct box *box);
/* Undo stock_resume: the run has not begun, and is unlinked from the box. */
void stock_put_back(struct stock *stock, struct box *box);
/* Returns true if this box of a session has no run and is kept for its next one. */
static inline bool stock_is_leased(const struct stock *stock, const struct box *box)
{
    return box->node.list == &stock->leased;
}
/* Retire a box, whatever its state. */
void stock_retire(struct stock *stock, struct box *box, enum retirement why);
/* Retire every box that is on a shelf. */
void stock_retire_shelf(struct stock *stock, struct shelf *shelf);
/* Retire the boxes that are kept or in reset, and keep no box that serves a run now. Affects only
 * the boxes of this scope, or all boxes if scope is 0. */
void stock_dismiss(struct stock *stock, uint64_t scope, enum retirement why);
/* Describe the stock as a whole, for plan.h. */
struct plan_pool stock_plan(const struct stock *stock);

/* The safe point: start, evict and retire boxes by plan; free the boxes that are GONE. Idempotent
 * until something happens. */
void stock_turn(struct stock *stock);
/* Call it when the engine is back: tries waiting removals at once, and forgets failed starts. */
void stock_engine_up(struct stock *stock);
/* From now on, start no warm boxes. */
void stock_drain(struct stock *stock);
/* Start no more boxes, and retire every box. */
void stock_stop(struct stock *stock);

/* Returns why boxes cannot be started, after several failed starts in a row; NULL if they can. */
const struct error *stock_trouble(const struct stock *stock);
/* Returns the number of boxes in this state. */
size_t stock_count(const struct stock *stock, enum box_state state);
/* Returns true if this is the name of a container that the stock has or is making. */
bool stock_knows(const struct stock *stock, const char *container_name);
/* Append the create JSON of the next box of this shelf. Returns false when it does not fit into
 * out. */
bool stock_write_spec(const struct stock *stock, const struct shelf *shelf, struct buf *out);
/* Append the metrics of boxes. */
void stock_report(const struct stock *stock, struct samples *samples);

#endif
