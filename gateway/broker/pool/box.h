/* box.h - one container, from its create to its removal.
 *
 *                                           __________________
 *                                          v                  \
 *  CREATING --> ATTACHING --> STARTING --> READY --> RUNNING --> RESETTING     REMOVING --> GONE
 *      \____________\____________\___________\___________\___________\____________/
 *           END without box_reset, any failure, deadline, retirement, illegal move
 *
 *   state      pending                                        leaves by
 *   CREATING   POST create                                    its answer
 *   ATTACHING  POST attach                                    the 101
 *   STARTING   POST start, then init's READY frame            READY frame
 *   READY      nothing; init waits on its stdin               box_run, age, end of stream
 *   RUNNING    a run                                          END, REFUSED, deadline, end of stream
 *   RESETTING  init proves that nothing is left of the run    READY frame, GONE frame, deadline
 *   REMOVING   a pause or an inspect, then DELETE             204 or 404; else a retry
 *   GONE       nothing                                        being freed by the pool
 *
 * A box can become READY again only by RESETTING: its init must prove that nothing of the run is
 * left. No box is ever repaired. An illegal move is a fault of this program: it is logged, and the
 * box leaves with ERR_SYSTEM. A box knows neither the pool nor the audience of its run. We choose
 * the container's name before create. So a box can be removed in every state, even if the answer to
 * create was lost. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_BOX_H
#define MAYFLY_BOX_H

#include "broker/engine/docker.h"
#include "broker/pool/box_patience.h"
#include "broker/pool/box_state.h"
#include "broker/pool/hearing.h"
#include "broker/pool/tenure.h"
#include "common/artifact.h"
#include "common/backoff.h"
#include "common/list.h"
#include "common/quota.h"

/* The largest frame that init sends: an output file or a display. */
#define BOX_FRAME_MAX_BYTES (ARTIFACT_CONTENT_MAX_BYTES + ((size_t)64 << 10))

struct box;
struct run;
struct shelf;

/* The reason why a box left by itself. It is not reported after box_retire. */
struct box_leave {
    enum box_state from; /* the state that it left */
    /* The OOM killer killed the box's init. Always false if the box was neither RUNNING nor leased
     * to a session. */
    bool oom_killed;
    bool lost_engine; /* after the box had ended, the engine did not answer our inspect call */
    /* ERR_BUSY: the box was held for too long. ERR_NONE: the box left as it should, from READY by
     * its age or idle time, or from RESETTING. After RESETTING, the text is init's one word for the
     * difference that it found. */
    struct error why;
};

struct box_events {
    void (*on_ready)(void *arg, struct box *box); /* from STARTING, or from RESETTING */
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct box *box);
    /* A frame of the run: STARTED once, then OUTPUT, FILE and DISPLAY, and at last END; or only
     * REFUSED. Its id, its order and the run's quota have been checked. Its payload is borrowed.
     * After END or REFUSED the box is REMOVING, unless on_framed called box_reset for the END. */
    void (*on_framed)(void *arg, struct box *box, const struct frame *frame);
    /* The box has left by itself, and is now REMOVING. */
    void (*on_left)(void *arg, struct box *box, const struct box_leave *leave);
    /* The last callback. Free the box at the safe point. */
    void (*on_gone)(void *arg, struct box *box);
};

struct box {
    enum box_state state;
    uint32_t slot;
    char name[DOCKER_NAME_MAX + 1];
    char id[DOCKER_ID_MAX + 1];
    uint64_t born_ms, ready_ms; /* by clock_now_ms */
    struct node node;           /* for the pool; always on exactly one list */
    struct shelf *shelf;        /* for the pool */
    struct run *run;            /* for the pool; set and cleared together with run->box */
    /* for the stock */
    struct tenure tenure;
    size_t runtime_index; /* with `limits`: the shelf for which the box was made */
    struct limits limits;
    bool is_claimed;   /* RESETTING: the box is reserved for a waiting run (matching.h) */
    uint64_t ended_ns; /* RESETTING: when its run ended, by clock_now_ns */

    /* private to box.c */
    struct timers *timers;
    struct docker *docker;
    const struct box_events *events;
    void *arg;
    struct docker_call *call; /* the pending call: create, start, inspect or remove */
    struct attach *stream;
    struct hearing hearing;
    struct timer timer;
    uint64_t run_id;
    bool delivered;      /* libcurl has taken the whole RUN frame, so the program may run */
    bool run_started;    /* init has sent STARTED */
    bool is_held;        /* box_hold has stopped the reading */
    bool must_interrupt; /* interrupt once libcurl has taken the RUN frame */
    bool may_come;       /* the answer to create was lost, so the container may still be made */
    bool has_ended;      /* STARTING: its stream has ended, and start's answer will say why */
    struct error why;    /* why the box leaves; kept until start is answered or on_left is called */
    enum box_state left; /* the state that the box left; valid until on_left is called */
    struct quota quota;  /* limits of what its run may still send */
    struct box_patience patience;
    struct backoff removal;
};

/* Start the life of a zeroed box. Copies name, json and patience; borrows events. A failure is
 * reported by on_left. */
void box_create(struct box *box, struct timers *timers, struct docker *docker, const char *name,
                struct bytes json, const struct box_patience *patience,
                const struct box_events *events, void *arg);

/* READY -> RUNNING: send a whole RUN frame, and take its bytes. A frame beyond the quota breaks the
 * protocol. If no END has come after deadline_ms, the box leaves with ERR_TIMEOUT. */
void box_run(struct box *box, uint64_t run_id, struct buf *frame, struct quota quota,
             uint32_t deadline_ms);

/* Interrupt the cell that runs in this session's box; its END still comes. No-op in other
 * states. */
void box_interrupt(struct box *box);

/* RUNNING -> RESETTING, within on_framed for the END of a run whose job had WIRE_TAG_RUN_KEEP:
 * on_ready or on_left follows. */
void box_reset(struct box *box);

/* Stop reading the output of a RUNNING box, or continue. While a box is held, its init blocks in
 * its writes, and its deadline does not end the run, because END may be among the unread bytes. A
 * box that is held for five minutes after its deadline leaves with ERR_BUSY. After a hold, the
 * deadline is put off if necessary, so that init has some seconds to send the rest. No-op in other
 * states. */
void box_hold(struct box *box, bool hold);

/* Returns false if the program of the present run has certainly not been started. */
bool box_may_have_started(const struct box *box);

/* Any state -> REMOVING; idempotent. on_gone follows, but not on_left. */
void box_retire(struct box *box);
/* If the removal of this box waits for its next attempt, try now, because the engine is back or the
 * process ends. is_last: accept "no such container" even if the container may still be made,
 * because the reaper's last sweep follows. */
void box_retry_removal(struct box *box, bool is_last);

/* Stop everything: no engine call and no callback follows. Call it at the end of the process. */
void box_release(struct box *box);

#endif
