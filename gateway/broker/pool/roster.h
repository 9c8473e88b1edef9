/* roster.h - pairs runs with boxes, and has the pool's runs that have a box or will be freed.
 *
 * Only roster.c sets run->box and box->run. It also has all functions by which a run leaves the
 * pool. Such a run is freed at the safe point. Knows neither admission nor the engine.
 */
#ifndef MAYFLY_ROSTER_H
#define MAYFLY_ROSTER_H

#include "broker/pool/leases.h"
#include "broker/pool/queue.h"
#include "broker/pool/rate.h"
#include "broker/pool/stock.h"

/* The time until a retry, for a run that was refused because of the engine. */
#define ROSTER_RETRY_MS 1000

struct roster {
    /* borrowed; set by the pool */
    struct timers *timers;
    struct shelves *shelves;
    struct queue *queue;
    struct stock *stock;
    struct leases *leases;
    struct rate rate;

    struct list running, dead; /* runs: those with a box, and those to be freed */
};

/* Give a waiting run this box, which was taken from the stock for it, and write PAIRED. If PAIRED
 * has left the process, the run begins at once. Else it begins when the front's connection calls
 * pool_begin. */
void roster_pair(struct roster *roster, struct run *run, struct box *box);
/* Send the job to the box, because the run's PAIRED has been written. Before this call, a run may
 * still end by its queue timeout, a cancel or the loss of its box. */
void roster_begin(struct roster *roster, struct run *run);

/* Remove a run from the pool, without a frame, and unlink its box. If the run was to open a
 * session, that session is dropped. If the run used a session, that use ends. */
void roster_bury(struct roster *roster, struct run *run);
/* Refuse a run that has not begun. Its box, if any, is retired, or put back if it belongs to a
 * session. */
void roster_refuse(struct roster *roster, struct run *run, const struct error *why,
                   uint32_t retry_ms);
void roster_refuse_shelf(struct roster *roster, struct shelf *shelf, const struct error *why);
/* Refuse every run that has not begun, except runs that wait for a session's box. */
void roster_refuse_all(struct roster *roster, const struct error *why);
/* Refuse a run that waited too long for a box. */
void roster_refuse_late(struct roster *roster, struct run *run);

/* Returns an estimate of the milliseconds until a place in the queue is free, by the measured
 * rate. */
uint32_t roster_retry_ms(const struct roster *roster);
/* Free the runs of a list, which nothing else refers to. */
void roster_free_runs(struct roster *roster, struct list *list);
/* The safe point. */
void roster_free_dead(struct roster *roster);
/* Free all runs, also those that wait on shelves. */
void roster_release(struct roster *roster);

#endif
