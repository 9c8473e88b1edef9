/* sessions.h - the front's copy of the broker's table of sessions, and the runs of this front that
 * are in them.
 *
 *   opening -> live (idle, busy) -> gone -> forgotten
 *      \-- its opening has failed: freed
 *
 * The broker decides on every change, and reports it (common/session.h). What ends here first is
 * only the state of a session that a client has deleted. When the broker is another one after a
 * loss of the connection, the sessions that it does not report have ended with it.
 *
 * Names belong to owners: nobody finds another's session. Knows neither HTTP nor the link.
 */
#ifndef MAYFLY_SESSIONS_H
#define MAYFLY_SESSIONS_H

#include "common/list.h"
#include "common/outcome.h"
#include "common/session.h"

#define SESSIONS_BUCKETS_COUNT 1024 /* a power of two */
#define SESSIONS_GONE_MAX 16384     /* the oldest is forgotten first */

struct session_turn;

struct session {
    uint64_t id; /* on the wire: the box_scope of its jobs */
    /* The last; while it is opening only owner, name and runtime are set, and state is 0. The
     * record is in `record`. */
    struct session_notice notice;
    uint32_t cpu_time_ms;     /* what its cells may use if they do not say; 0: no limit */
    uint64_t output_bytes;    /* the same */
    uint64_t told_generation; /* in the last answer of a cell */
    uint64_t dropped_bytes;   /* before runs without a cell, since the last answer of a cell */
    struct list turns;        /* of this front's runs, in the order in which they were sent */
    /* private */
    struct sessions *all;
    struct buf record;
    size_t env_at;
    struct node by_id, by_name, ended; /* the last: on all->gone */
    unsigned holders_count;
    bool is_reported; /* by this connection to the broker */
};

/* To initialise: zero it, then set keep_ms. */
struct sessions {
    uint32_t keep_ms; /* for so long a session is remembered that ended with its broker */
    bool is_known;    /* the broker has reported all */
    struct list by_id[SESSIONS_BUCKETS_COUNT], by_name[SESSIONS_BUCKETS_COUNT];
    struct list gone; /* the oldest first */
};

/* ---- what the link hears ---- */

/* A SESSION frame has come. Returns false when it breaks the protocol, or when memory is out. */
bool sessions_on_frame(struct sessions *sessions, const struct frame *frame);
/* The connection is lost. The turns end by themselves. */
void sessions_lose(struct sessions *sessions);

/* ---- finding ---- */

/* Find the owner's session of this name: opening, live or gone. NULL: there is none. Valid for this
 * turn, or while it is held. */
struct session *sessions_find(struct sessions *sessions, const char *owner, struct bytes name);
/* Find the next live one of the owner; the first after NULL. */
struct session *sessions_next(const struct sessions *sessions, const char *owner,
                              const struct session *after);
void session_hold(struct session *session);
void session_release(struct session *session); /* NULL is a no-op */

static inline bool session_is_opening(const struct session *session)
{
    return session->notice.state == 0;
}
static inline bool session_is_gone(const struct session *session)
{
    return session->notice.state == SESSION_GONE;
}

/* Returns how many sessions of all owners are open, or being opened. */
static inline size_t sessions_count(const struct sessions *sessions)
{
    size_t count = 0;
    for (size_t i = 0; i < SESSIONS_BUCKETS_COUNT; i++)
        count += sessions->by_id[i].count;
    return count - sessions->gone.count;
}

/* ---- its life ---- */

/* Enter a session that is being opened, held by the caller. The id is new, and the owner has none
 * of that name. NULL: no memory. */
struct session *sessions_open(struct sessions *sessions, uint64_t id, const char *owner,
                              const char *name);
/* The broker has been told that a client has deleted a live one. */
void session_end(struct session *session);
/* The same of use by a client. idle_ms 0: its idle time stays. */
void session_keep(struct session *session, uint32_t idle_ms);

/* Append the record of a session with these terms, up to its environment (job.h): job_put_env
 * follows. Returns false when out's cap forbids it. */
bool session_record_begin(struct buf *out, uint32_t cpu_time_ms, uint64_t output_bytes);
/* Returns its environment: whole fields of a RUN payload. */
struct bytes session_env(const struct session *session);

/* ---- turns ---- */

/* A run of this front in a session, from its submission on. Embedded in the run's owner. A zeroed
 * turn is in no session. */
struct session_turn {
    struct session *session; /* held; NULL: in none */
    struct node node;
    uint64_t run_id;
    bool is_cell;
    bool was_interrupted; /* set by its owner */
};

/* With the session NULL, a no-op. */
void session_turn_enter(struct session_turn *turn, struct session *session, uint64_t run_id,
                        bool is_cell);
void session_turn_leave(struct session_turn *turn); /* a no-op on a turn in no session */

/* Would a run have to wait? */
bool session_is_busy(const struct session *session);
/* Write the id of the run that it is busy with; "" if it has none. Returns text. */
const char *session_running(const struct session *session, char text[JOB_EXECUTION_MAX + 1]);

/* The answer of a run says this of its session. A zeroed one is about none. */
struct session_note {
    char name[JOB_SESSION_NAME_MAX + 1];
    enum session_state state;
    enum session_reason reason;
    uint64_t expires_ms, idle_expires_ms; /* of clock_wall_ms; 0: it has none now */
    uint64_t generation, dropped_bytes;
    bool is_state_lost, was_interrupted;
    char running[JOB_EXECUTION_MAX + 1]; /* the run that it is busy with; "": none, or not known */
};

/* The run has ended, after the notice of it, or was refused (outcome NULL): note it, and leave.
 * Leaves the note as it is where the state of the session is not known any more, or the turn is in
 * none. */
void session_turn_end(struct session_turn *turn, const struct outcome *outcome,
                      struct session_note *note);

#endif
