/* link_runs.h - the runs that the broker has from us: by id, each with its sink and its place in a
 * run's life.
 *
 * A frame about a run is read here, checked against the order of its life and its quota, and
 * reported to the run's sink. Pure of I/O: link.c has the connection.
 */
#ifndef MAYFLY_LINK_RUNS_H
#define MAYFLY_LINK_RUNS_H

#include "common/quota.h"
#include "front/metrics.h"
#include "front/runs/sink.h"

#define LINK_RUNS_BUCKETS_COUNT 1024 /* a power of two */

struct link_run;

/* Zero-initialised is a valid empty table. Ids are random, so their low bits spread well. */
struct link_runs {
    struct metrics *metrics; /* where ended runs are counted; NULL: nowhere */
    struct link_run *buckets[LINK_RUNS_BUCKETS_COUNT];
};

/* Enter a run under a new random id, never 0. Keeps sink and arg until its last call or
 * link_runs_forget; quota is what it may send. Fails with ERR_SYSTEM. */
bool link_runs_add(struct link_runs *runs, const struct run_sink *sink, void *arg,
                   struct quota quota, uint64_t *run_id, struct error *err);

/* Take a run out without a word to its sink. Returns false when there is none of that id. */
bool link_runs_forget(struct link_runs *runs, uint64_t run_id);

/* Refuse a run that the broker has never been told of. Nothing when there is none of that id. */
void link_runs_refuse(struct link_runs *runs, uint64_t run_id, const struct error *why,
                      uint32_t retry_ms);

/* Tell the run's sink what the frame says. A frame of a run that is not in the table is dropped: it
 * crossed our CANCEL on the wire. False: a peer that keeps the protocol would not have sent it. */
bool link_runs_on_frame(struct link_runs *runs, const struct frame *frame);

/* The peer is gone: end each run that may have started with VERDICT_LOST, refuse each other with
 * ERR_ENGINE. */
void link_runs_lose_all(struct link_runs *runs);

#endif
