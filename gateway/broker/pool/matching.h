/* matching.h - decides which waiting run gets which box.
 *
 * A fresh READY box on a shelf goes to the first run there, by rank. A box that is kept for an
 * owner goes only to that owner's runs, who prefer it to a fresh box. An exception applies when
 * slots are few (plan_may_reuse): if runs with smaller ranks wait for a box to be started, the kept
 * box is not used, so that it can be evicted for them. If an owner's box is in reset, the owner's
 * next run waits for it and no box is started for that run. A run with a scope (tenure.h) waits
 * even if a fresh box is READY.
 *
 * If a shelf has kept boxes, a call takes up to waiting runs times kept boxes. This module only
 * decides; the pool acts.
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
/* Decide again which waiting runs will get boxes in reset, and set is_covered, is_claimed and
 * covered_count. Call it at each safe point, when matching_find finds nothing more. */
void matching_cover(const struct queue *queue, const struct shelves *shelves);
/* Fill in the demand of a shelf's waiting runs. The result is valid until a run comes or goes. */
void matching_demand(const struct queue *queue, const struct shelf *shelf,
                     struct stock_demand *demand);

#endif
