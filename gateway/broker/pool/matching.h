/* matching.h - which waiting run is to have which box.
 *
 * A READY box on a shelf is for the first run there, in rank. A box that is kept for an owner is
 * only for that owner's runs, and they take it before a fresh one. When slots are few, a run that
 * was ranked before and waits for a box to be started comes first: the kept box is then left to be
 * evicted for it (plan_may_reuse). A run whose owner has a box in reset waits for that box, and
 * none is started for it. A run of a scope (tenure.h) does so even if a fresh box is READY.
 *
 * With kept boxes on a shelf, a look costs at most the runs that wait there times these boxes. It
 * only decides; the pool acts. No clock.
 */
#ifndef MAYFLY_MATCHING_H
#define MAYFLY_MATCHING_H

#include "broker/pool/queue.h"
#include "broker/pool/stock.h"

struct match {
    struct run *run;
    struct box *kept; /* NULL: the oldest fresh READY box */
};

/* Find a waiting run of this shelf that can have a READY box now. Returns false when there is
 * none. */
bool matching_find(const struct queue *queue, const struct stock *stock, const struct shelf *shelf,
                   struct match *match);
/* Note again which waiting runs are to have a box in reset (is_covered, is_claimed, covered_count).
 * Call it at each safe point, once no match is left. */
void matching_cover(const struct queue *queue, const struct shelves *shelves);
/* Fill in what waits on a shelf. Good until a run comes or goes. */
void matching_demand(const struct queue *queue, const struct shelf *shelf,
                     struct stock_demand *demand);

#endif
