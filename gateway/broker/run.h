/* run.h - the broker's ticket for one job: where it came from, where it waits, which box it has.
 *
 * The pool owns every run. What is told about a run goes to its sink as frames: perhaps PAIRED
 * and those of init, then exactly one END (it was started) or REFUSED (it was not; also after
 * PAIRED).
 */
#ifndef MAYFLY_RUN_H
#define MAYFLY_RUN_H

#include "broker/box.h"
#include "broker/tally.h"
#include "common/job.h"
#include "common/outcome.h"

/* The frame is lent. After END or REFUSED the run is no longer the sink's to cancel. */
typedef void run_sink(void *arg, struct run *run, const struct frame *frame);

struct run {
    uint64_t id;
    size_t runtime_index;
    struct limits limits;
    uint32_t timeout_ms, queue_timeout_ms;
    struct quota quota; /* what init may send of it */
    struct buf frame;   /* the RUN frame as it came; empty once it is under way to init */
    run_sink *sink;
    void *arg;

    /* the pool's */
    struct node link; /* of its shelf's waiting list, of the pool's running or dead list */
    struct shelf *shelf;
    struct box *box; /* set and cleared together with box->run */
    char owner[JOB_OWNER_NAME_MAX + 1];
    char trace_id[JOB_TRACE_ID_LEN + 1]; /* for the log; "" when none */
    uint64_t turn;                       /* of turns.h: whose is smaller is served before */
    uint64_t submitted_ns, paired_ns, started_ns;
    struct tally *tally;          /* the pool's, or NULL: it is not counted */
    bool is_canary;               /* the self-test's */
    bool was_ready;               /* the box was READY when the run came, and served it so */
    struct stream_count out, err; /* bytes relayed */
    struct timer queue_timer;
    struct pool *pool;
};

/* How long init may take, from the moment that the job goes in to END. Needs the frame. */
uint32_t run_deadline_ms(const struct run *run);

/* PAIRED goes out before the job goes in: a front that loses us then knows that the program may
 * have run. */
void run_tell_paired(struct run *run);
void run_relay(struct run *run, const struct frame *frame); /* a frame of init's */
void run_refuse(struct run *run, const struct error *why, uint32_t retry_ms);
/* An END of our own, for a run that may have been started and that init will say no more of. */
void run_end(struct run *run, enum verdict verdict, const char *text);

#endif
