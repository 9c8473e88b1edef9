/* box.h - one container, from its create to its removal.
 *
 *  CREATING --> ATTACHING --> STARTING --> READY --> RUNNING --> REMOVING --> GONE
 *      \____________\____________\___________\___________\___________/
 *           any failure, deadline, retirement, illegal move
 *
 *   state      pending                                        leaves by
 *   CREATING   POST create                                    its answer
 *   ATTACHING  POST attach                                    the 101
 *   STARTING   POST start, then init's READY frame            READY frame
 *   READY      nothing; init waits on its stdin               box_run, age, end of stream
 *   RUNNING    the one run                                    END, REFUSED, deadline, end of stream
 *   REMOVING   a rest after these, or inspect after a loss; DELETE  204 or 404, retried until then
 *   GONE       nothing                                        being freed by the pool
 *
 * An illegal move is a fault of this program: it is logged, and the box leaves with ERR_SYSTEM.
 * A box knows neither the pool nor who waits for its run. The name is chosen before create, so
 * a box is removable in every state, also when the answer to create was lost. Callbacks follow
 * the four laws in loop.h.
 */
#ifndef MAYFLY_BOX_H
#define MAYFLY_BOX_H

#include "broker/engine/demux.h"
#include "broker/engine/docker.h"
#include "broker/pool/box_state.h"
#include "common/artifact.h"
#include "common/backoff.h"
#include "common/list.h"
#include "common/quota.h"
#include "common/wire_reader.h"

/* The largest frame that init sends: an output file or a display. */
#define BOX_FRAME_MAX_BYTES (ARTIFACT_CONTENT_MAX_BYTES + ((size_t)64 << 10))

struct box;
struct run;
struct shelf;

/* A box leaves by itself. Not reported when box_retire asked for it. */
struct box_leave {
    enum box_state from; /* the state that it left */
    bool oom_killed;     /* from RUNNING: the kernel's OOM killer struck the box */
    struct error why;    /* ERR_BUSY: it was held for too long */
};

struct box_events {
    void (*on_ready)(void *arg, struct box *box);
    /* libcurl has taken the whole RUN frame. */
    void (*on_delivered)(void *arg, struct box *box);
    /* A frame of the run: STARTED once, then OUTPUT, FILE, DISPLAY, END; or nothing but REFUSED.
     * Checked for id, state and quota; payload borrowed. After END or REFUSED the box is REMOVING.
     */
    void (*on_framed)(void *arg, struct box *box, const struct frame *frame);
    void (*on_left)(void *arg, struct box *box, const struct box_leave *leave); /* now REMOVING */
    void (*on_gone)(void *arg, struct box *box); /* last; free it at the safe point */
};

/* The times that a box is given. */
struct box_patience {
    uint32_t call_ms;  /* a call of the engine's */
    uint32_t start_ms; /* from the start's request to READY */
    uint32_t age_ms;   /* a READY box leaves at this age */
};

struct box {
    enum box_state state;
    uint32_t slot;
    char name[DOCKER_NAME_MAX + 1];
    char id[DOCKER_ID_MAX + 1];
    uint64_t born_ms, ready_ms; /* of clock_now_ms */
    struct node node;           /* the pool's; always on exactly one list */
    struct shelf *shelf;        /* the pool's */
    struct run *run;            /* the pool's: set and cleared together with run->box */

    /* private to box.c */
    struct timers *timers;
    struct docker *docker;
    const struct box_events *events;
    void *arg;
    struct docker_call *call; /* the pending one: create, start, inspect or remove */
    struct attach *stream;
    struct demux demux;
    struct wire_reader in; /* of init's frames */
    struct timer timer;
    uint64_t run_id;
    bool delivered;   /* libcurl has taken the whole RUN frame: from then on the program may run */
    bool run_started; /* init said STARTED */
    bool is_held;     /* box_hold */
    bool may_come;    /* the answer to create was lost: the container may come to be later */
    bool has_ended;   /* STARTING: its stream has ended, and start's answer will say why */
    struct error why; /* why it leaves: until start is answered, or `left` is reported */
    enum box_state left; /* the state that it leaves, until then */
    struct quota quota;  /* what its run may still send */
    struct box_patience patience;
    struct backoff removal;
};

/* Start the life of a zeroed box. Copies name, json and patience; borrows events. Its failure
 * comes as `left`. */
void box_create(struct box *box, struct timers *timers, struct docker *docker, const char *name,
                struct bytes json, const struct box_patience *patience,
                const struct box_events *events, void *arg);

/* READY -> RUNNING: send a whole RUN frame (its bytes are taken). quota: more than this
 * breaks the protocol. When no END has come after deadline_ms the box leaves
 * with ERR_TIMEOUT. */
void box_run(struct box *box, uint64_t run_id, struct buf *frame, struct quota quota,
             uint32_t deadline_ms);

/* Stop to read a RUNNING box, whose init then waits in its writes, or read on. While it is held
 * its deadline does not end the run, since END may come after what is not read; a box that is
 * held for five minutes after its deadline leaves with ERR_BUSY. After a hold init has some seconds
 * to catch up. No-op in other states. */
void box_hold(struct box *box, bool hold);

/* Might the program have been started: false is certain. */
bool box_may_have_started(const struct box *box);

/* Any state -> REMOVING, if it is not there already; `gone` follows, `left` does not. */
void box_retire(struct box *box);
/* The engine is back, or this is the end: try a waiting removal now. is_last: take "no such
 * container" for an answer also where it may come to be later (the reaper's last sweep is next). */
void box_retry_removal(struct box *box, bool is_last);

/* Silence: no engine call and no callback any more. For the end of the process. */
void box_release(struct box *box);

#endif
