/* matching.h - decides which waiting run gets which box.
 *
 * A fresh READY box on a shelf goes to the waiting run there with the smallest rank. A box that is
 * kept for an owner goes only to that owner's runs, which prefer it to a fresh box. There is an
 * exception when few slots are free (plan_may_reuse). If runs with smaller ranks wait for a box to
 * be started, the kept box is not used, so that it can be evicted for them. If an owner's box is in
 * reset, the owner's next run waits for it, and no box is started for that run. A run with a scope
 * (tenure.h) waits even if a fresh box is READY.
 *
 * If a shelf has kept boxes, a search may look at every kept box for every waiting run. This module
 * only decides; the pool acts.
 */
#ifndef MAYFLY_MATCHING_H
#define MAYFLY_MATCHING_H

#include "broker/pool/queue.h"
#include "broker/pool/stock.h"

struct match {
    struct run *run;
    struct box *kept; /* NULL: the run gets the oldest fresh READY box */
};

/* Find a waiting run on this shelf that can have a READY box now. Returns false if there is
 * none. */
bool matching_find(const struct queue *queue, const struct stock *stock, const struct shelf *shelf,
                   struct match *match);
/* Reserve the boxes in reset for waiting runs: set is_covered (run.h), is_claimed (box.h) and
 * covered_count (shelf.h) anew. Call it at each safe point, when matching_find finds nothing
 * more. */
void matching_cover(const struct queue *queue, const struct shelves *shelves);
/* Fill in the demand of a shelf's waiting runs. The result is valid until a run arrives or leaves.
 */
void matching_demand(const struct queue *queue, const struct shelf *shelf,
                     struct stock_demand *demand);

#endif
