/* link_runs.h - the table of runs that were sent to the broker, with their sinks and states.
 *
 * Reads each frame about a run, checks it against the run's state and quota, and reports it to the
 * run's sink. Does no I/O: link.c has the connection.
 */
#ifndef MAYFLY_LINK_RUNS_H
#define MAYFLY_LINK_RUNS_H

#include "common/quota.h"
#include "front/metrics.h"
#include "front/runs/sink.h"

#define LINK_RUNS_BUCKETS_COUNT 1024 /* a power of two */

struct link_run;

/* A zeroed table is empty. Ids are random, so their low bits select the bucket. */
struct link_runs {
    struct metrics *metrics; /* counts ended runs; NULL: do not count */
    struct link_run *buckets[LINK_RUNS_BUCKETS_COUNT];
};

/* Add a run under the new id *run_id, or, if that is 0, under a random one. Keeps sink and arg
 * until the last callback of the sink, or link_runs_forget. `quota` limits the bytes that the run
 * may send. Fails with ERR_SYSTEM. */
bool link_runs_add(struct link_runs *runs, const struct run_sink *sink, void *arg,
                   struct quota quota, uint64_t *run_id, struct error *err);

bool link_runs_have(const struct link_runs *runs, uint64_t run_id);
/* Remove a run without calling its sink. Returns false when there is none with that id. */
bool link_runs_forget(struct link_runs *runs, uint64_t run_id);

/* Refuse a run that was never sent. No-op when there is none with that id. */
void link_runs_refuse(struct link_runs *runs, uint64_t run_id, const struct error *why,
                      uint32_t retry_ms);

/* Report the frame to its run's sink. A frame for an unknown run is dropped, because the broker
 * sent it before our CANCEL arrived. Returns false when the frame breaks the protocol. */
bool link_runs_on_frame(struct link_runs *runs, const struct frame *frame);

/* Call this when the connection is lost. Runs that may have started end with VERDICT_LOST; the
 * others are refused with ERR_ENGINE. */
void link_runs_lose_all(struct link_runs *runs);

#endif
