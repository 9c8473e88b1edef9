/* run.h - the broker's ticket for one job: where it came from, where it waits, which box it has.
 *
 * The pool owns every run. Its audience hears of a run in frames: perhaps PAIRED and
 * those of init, then exactly one END (it was started) or REFUSED (it was not; also after PAIRED).
 */
#ifndef MAYFLY_RUN_H
#define MAYFLY_RUN_H

#include "broker/pool/box.h"
#include "broker/pool/tally.h"
#include "common/job.h"
#include "common/outcome.h"

/* Take a frame, which is borrowed. After END or REFUSED the run is no longer the listener's to
 * cancel. Returns whether the frame is out of this process's hands. After a PAIRED for which it
 * returned false the run waits, and the listener's owner calls pool_begin once it is. */
typedef bool run_listener(void *arg, struct run *run, const struct frame *frame);

/* A front, or the self-test: it hears of its runs. */
struct audience {
    run_listener *on_frame;
    bool is_behind; /* a PAIRED waits to be written; none of its other runs is paired (pool.h) */
};

struct run {
    uint64_t id;
    size_t runtime_index;
    struct limits limits;
    uint32_t timeout_ms, queue_timeout_ms;
    struct quota quota; /* what init may send of it */
    struct buf frame;   /* the RUN frame as it came; empty once it is on its way to init */
    struct audience *audience;
    void *arg;

    /* the pool's */
    struct node node;        /* of its shelf's waiting list, of the pool's running or dead list */
    struct shelf *shelf;     /* while it waits; it may go before the run */
    struct box *box;         /* set and cleared together with box->run */
    struct room_owner *room; /* its frame is counted for this owner; NULL once it has gone */
    size_t room_bytes;
    uint64_t serial; /* the later the run came, the larger */
    bool has_begun;  /* the job goes into the box: from then on the program may have run */
    char owner[JOB_OWNER_NAME_MAX + 1];
    char trace_id[JOB_TRACE_ID_LEN + 1]; /* for the log; "" when none */
    uint64_t rank;                       /* of order.h: the smaller is served before */
    uint64_t submitted_ns, paired_ns, started_ns;
    struct tally *tally;          /* the pool's, or NULL: it is not counted */
    bool is_canary;               /* the self-test's */
    bool was_ready;               /* the box was READY when the run came, and served it so */
    uint64_t warmth;              /* of its interpreter when it began, in percent */
    struct stream_count out, err; /* bytes relayed */
    struct timer queue_timer;
    struct pool *pool;
};

/* Make the run of a job, from now on; on no list, without its frame. NULL when memory is out. */
struct run *run_new(uint64_t id, size_t runtime_index, const struct job *job);
/* Off its list. Its timer is stopped. */
void run_free(struct run *run);

/* The time from the moment that the job goes in until END. Needs the frame. */
uint32_t run_deadline_ms(const struct run *run);

/* PAIRED is written before the job goes in: a front that loses us then knows that the program may
 * have run. Returns whether it has been. */
bool run_tell_paired(struct run *run);
void run_relay(struct run *run, const struct frame *frame); /* a frame of init's */
/* Count a run that has a box as a warm or cold start, once: at STARTED, which may say that the
 * interpreter could not serve it, or when it leaves without one. */
void run_count_start(const struct run *run);
/* Stop reading its box, or read on. Bytes that were read already still come. */
void run_hold(struct run *run, bool hold);
void run_refuse(struct run *run, const struct error *why, uint32_t retry_ms);
/* An END of our own, for a run that may have been started and of which init says no more. */
void run_end(struct run *run, enum verdict verdict, const char *text);
/* Its box has left: a REFUSED or END of our own, by what may have happened there. */
void run_lose(struct run *run, const struct box *box, const struct box_leave *leave);

#endif
