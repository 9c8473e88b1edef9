/* runs.h - the runs that the broker has of us: by id, each with its sink and its place in a run's
 * life.
 *
 * Reads what a frame says about a run, checks that it may say so now (order of life, quota),
 * and tells the run's sink. Pure of I/O: link.c has the connection.
 */
#ifndef MAYFLY_RUNS_H
#define MAYFLY_RUNS_H

#include "common/quota.h"
#include "front/metrics.h"
#include "front/runs/sink.h"

#define RUNS_BUCKETS_COUNT 1024 /* a power of two */

struct link_run;

/* Zero-initialised is a valid empty table. Ids are random, so their low bits spread well. */
struct runs {
    struct metrics *metrics; /* where ended runs are counted; NULL: nowhere */
    struct link_run *buckets[RUNS_BUCKETS_COUNT];
};

/* Enter a run under a new random id, never 0. Keeps sink and arg until its last call or
 * runs_forget; quota is what it may send. Fails with ERR_SYSTEM. */
bool runs_add(struct runs *runs, const struct run_sink *sink, void *arg, struct quota quota,
              uint64_t *run_id, struct error *err);

/* Take a run out without a word to its sink. False when there is none of that id. */
bool runs_forget(struct runs *runs, uint64_t run_id);
void runs_forget_all(struct runs *runs);

/* Refuse a run that the broker has never been told of. Nothing when there is none of that id. */
void runs_refuse(struct runs *runs, uint64_t run_id, const struct error *why, uint32_t retry_ms);

/* Tell the run's sink what the frame says. A frame of a run that is not in the table is dropped: it
 * crossed our CANCEL on the wire. False: a peer that keeps the protocol would not have sent it. */
bool runs_on_frame(struct runs *runs, const struct frame *frame);

/* The peer is gone: end each run that may have started with VERDICT_LOST, refuse each other with
 * ERR_ENGINE. */
void runs_lose_all(struct runs *runs);

#endif
