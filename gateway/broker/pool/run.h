/* run.h - the broker's record of one job: its audience, its shelf and its box.
 *
 * The pool owns every run. A run's audience gets its frames: PAIRED and the frames of init, if any,
 * and last exactly one END or REFUSED. END says that the program was started. REFUSED says that it
 * was not, which is possible after PAIRED too.
 */
#ifndef MAYFLY_RUN_H
#define MAYFLY_RUN_H

#include "broker/pool/box.h"
#include "broker/pool/tally.h"
#include "common/job.h"
#include "common/outcome.h"
#include "common/start.h"

/* Take a frame. Borrows it for the call. After END or REFUSED the listener must not cancel the run
 * any more. Returns whether the frame has left this process. After it returned false for a PAIRED,
 * the run waits; the listener's owner calls pool_begin once the PAIRED has left. */
typedef bool run_listener(void *arg, struct run *run, const struct frame *frame);

struct lease;

/* A front or the self-test, which gets the frames of its runs. */
struct audience {
    run_listener *on_frame;
    bool is_behind; /* a PAIRED waits to be written to it, so its other runs are skipped (pool.h) */
};

struct run {
    uint64_t id;
    size_t runtime_index;
    struct limits limits;
    uint32_t timeout_ms, queue_timeout_ms;
    uint32_t box_runs;  /* how many runs of its owner its box may serve in all */
    struct quota quota; /* how much init may send */
    struct buf frame;   /* the RUN frame as it came; empty once it is on its way to init */
    struct audience *audience;
    void *arg;

    /* for the pool */
    struct node node;        /* on its shelf's waiting list, or the pool's running or dead list */
    bool is_waiting;         /* it is in the queue: it waits on a shelf, or for its session's box */
    struct shelf *shelf;     /* valid while the run waits on it; it may be freed before the run */
    struct box *box;         /* set and cleared together with box->run */
    struct room_owner *room; /* its frame is counted for this owner; NULL once the frame has left */
    size_t room_bytes;
    uint64_t serial; /* increases with each new run */
    /* lease to must_interrupt: for a run of a session */
    struct lease *lease; /* its session; NULL: none, or it has ended */
    char execution[JOB_EXECUTION_MAX + 1];
    bool is_cell, takes_turn;
    bool must_interrupt; /* interrupt the run as soon as it has begun */
    bool is_covered;     /* a box in reset is meant for it (matching.h) */
    bool has_begun;      /* the job goes into the box, so the program may run */
    char owner[JOB_OWNER_NAME_MAX + 1];
    uint64_t scope;                      /* which boxes it may share (tenure.h) */
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

/* Make the run of a job that has just arrived. It is on no list and has no frame yet. Returns NULL
 * when memory is out. */
struct run *run_new(uint64_t id, size_t runtime_index, const struct job *job);
/* Free a run that is off its list. Stops its timer. */
void run_free(struct run *run);

/* Returns how long the run may take, from the moment when its job goes into the box until END.
 * Needs the frame. */
uint32_t run_deadline_ms(const struct run *run);

/* Call it when the audience has gone. No more frames of the run are sent, and its box is not held
 * any more. */
void run_detach(struct run *run);

/* Note the box that the run has from now on, and the kind of its start. */
void run_note_box(struct run *run, const struct box *box);
/* If the box may serve another run after this one, add WIRE_TAG_RUN_KEEP to the job. */
void run_ask_to_keep(struct run *run);
/* Write PAIRED before the job goes into the box: a front that then loses the broker knows that the
 * program may have run. Returns whether PAIRED was written. */
bool run_tell_paired(struct run *run);
void run_relay(struct run *run, const struct frame *frame); /* a frame from init */
/* Count the start of a run that leaves its box before STARTED. All other starts are counted at
 * STARTED, which reports whether the interpreter could serve the run. */
void run_count_unstarted(const struct run *run);
/* Stop reading the run's box, or continue. Frames that were read already are still sent. */
void run_hold(struct run *run, bool hold);
void run_refuse(struct run *run, const struct error *why, uint32_t retry_ms);
/* Send our own END, for a run that may have been started and will get no more frames from init. */
void run_end(struct run *run, enum verdict verdict, const char *text);
/* The box has left: send our own REFUSED or END, depending on whether the program may have run. */
void run_lose(struct run *run, const struct box *box, const struct box_leave *leave);

#endif
