/* run.h - the broker's record of one job: its audience, its shelf and its box.
 *
 * The pool owns every run. A run's audience gets its frames: PAIRED, the frames of init, and as the
 * last frame exactly one END or REFUSED. END means that the program was started. REFUSED means that
 * it was not started, and may come even after PAIRED.
 */
#ifndef MAYFLY_RUN_H
#define MAYFLY_RUN_H

#include "broker/pool/box.h"
#include "broker/pool/tally.h"
#include "common/job.h"
#include "common/outcome.h"
#include "common/start.h"

/* Pass on a frame of a run. Borrows the frame for the call. After END or REFUSED the run must not
 * be canceled any more. Returns true if the frame has left this process. If the listener returns
 * false for PAIRED, the run waits until the listener's owner calls pool_begin, once PAIRED has
 * left. */
typedef bool run_listener(void *arg, struct run *run, const struct frame *frame);

struct lease;

/* An audience is a front or the self-test. It gets the frames of its runs. */
struct audience {
    run_listener *on_frame;
    /* a PAIRED waits to be written to this audience, so its other runs are skipped (pool.h) */
    bool is_behind;
};

struct run {
    uint64_t id;
    size_t runtime_index;
    struct limits limits;
    uint32_t timeout_ms, queue_timeout_ms;
    uint32_t box_runs;  /* most runs of its owner that its box may serve in all */
    struct quota quota; /* limits of the bytes that init may send */
    struct buf frame;   /* the RUN frame as it came; empty once it is on its way to init */
    struct audience *audience;
    void *arg;

    /* for the pool */
    struct node node; /* on its shelf's waiting list, or the pool's running or dead list */
    /* the run is in the queue: it waits on a shelf, or for its session's box */
    bool is_waiting;
    /* valid only while the run waits on it: a shelf may be freed before the run */
    struct shelf *shelf;
    struct box *box; /* set and cleared together with box->run */
    /* the owner for whom the run's frame is counted; NULL once the frame has left */
    struct room_owner *room;
    size_t room_bytes;
    uint64_t serial; /* increases with each new run */
    /* lease to must_interrupt: for a run of a session */
    struct lease *lease; /* its session; NULL: none, or it has ended */
    char execution[JOB_EXECUTION_MAX + 1];
    bool is_cell, takes_turn;
    bool must_interrupt; /* interrupt the run as soon as it has begun */
    bool is_covered;     /* a box in reset is reserved for it (matching.h) */
    bool has_begun;      /* the job goes into the box, so the program may run */
    char owner[JOB_OWNER_NAME_MAX + 1];
    /* only runs with the same scope may share a box with it (tenure.h) */
    uint64_t scope;
    char trace_id[JOB_TRACE_ID_LEN + 1]; /* for the log; "" when none */
    uint64_t rank;                       /* smaller ranks are served first (order.h) */
    uint64_t submitted_ns, paired_ns, started_ns;
    struct tally *tally; /* the pool's tally; NULL: the run is not counted */
    bool is_canary;      /* it is a run of the self-test */
    enum start start;
    uint64_t warmth;              /* warmth of its interpreter when the run began, in percent */
    struct stream_count out, err; /* bytes relayed */
    struct timer queue_timer;
    struct pool *pool;
};

/* Returns the run's tenant (tenure.h), valid as long as the run. */
static inline struct tenant run_tenant(const struct run *run)
{
    return (struct tenant){
        .owner = run->owner, .scope = run->scope, .is_session = run->lease != NULL};
}

/* Make the run for a job that has just arrived. It is on no list and has no frame yet. Returns NULL
 * when memory is out. */
struct run *run_new(uint64_t id, size_t runtime_index, const struct job *job);
/* Free a run that is off its list. Stops its timer. */
void run_free(struct run *run);

/* Returns the longest time from sending the job into the box until END. Needs the frame. */
uint32_t run_deadline_ms(const struct run *run);

/* Call it when the audience has gone. No further frame of the run is passed on, and its box is not
 * held any more. */
void run_detach(struct run *run);

/* Note that the run now has this box, and the kind of its start. */
void run_note_box(struct run *run, const struct box *box);
/* If the box may serve another run after this one, add WIRE_TAG_RUN_KEEP to the job. */
void run_ask_to_keep(struct run *run);
/* Write PAIRED, before the job goes into the box. So a front that loses the broker later knows that
 * the program may have run. Returns true if PAIRED was written. */
bool run_tell_paired(struct run *run);
void run_relay(struct run *run, const struct frame *frame); /* a frame from init */
/* Count the start of a run that leaves its box before STARTED. All other starts are counted at
 * STARTED, because that frame reports whether the warm interpreter could serve the run. */
void run_count_unstarted(const struct run *run);
/* Stop reading the output of the run's box, or continue. Frames that were read before are still
 * passed on. */
void run_hold(struct run *run, bool hold);
void run_refuse(struct run *run, const struct error *why, uint32_t retry_ms);
/* Send our own END, for a run that may have been started and will get no more frames from init. */
void run_end(struct run *run, enum verdict verdict, const char *text);
/* Send our own END if the program may have run, else REFUSED, because the box has left. */
void run_lose(struct run *run, const struct box *box, const struct box_leave *leave);

#endif
