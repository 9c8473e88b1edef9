/* sessions.h - the front's copy of the broker's table of sessions, and the runs of this front that
 * are in them.
 *
 *   opening -> live (idle, busy) -> gone -> forgotten
 *      \-- its opening has failed: freed
 *
 * The broker decides on every change, and reports it (common/session.h). When a client deletes or
 * uses a session, the front changes its copy at once, without waiting for the report. After a
 * reconnection, sessions that the broker does not report were lost with the earlier broker, so they
 * count as ended.
 *
 * Names belong to owners, so nobody finds another owner's session. Knows neither HTTP nor the link.
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
    /* The last notice, without its record, which is in `record`. While the session is opening, only
     * owner, name and runtime are set, and state is 0. */
    struct session_notice notice;
    uint32_t cpu_time_ms;     /* limit of a cell whose request sets none; 0: no limit */
    uint64_t output_bytes;    /* limit of a cell whose request sets none */
    uint64_t told_generation; /* the generation in the last answer of a cell */
    /* bytes dropped before runs without a cell, since the last answer of a cell */
    uint64_t dropped_bytes;
    struct list turns; /* turns of this front's runs, in the order of sending */
    /* private */
    struct sessions *all;
    struct buf record;
    size_t env_at;
    struct node by_id, by_name, ended; /* `ended` is on all->gone */
    unsigned holders_count;
    bool is_reported; /* the broker has reported it on this connection */
};

/* To initialise: zero it, then set keep_ms. */
struct sessions {
    uint32_t keep_ms; /* the time for which the front remembers a session that it ended itself */
    bool is_known;    /* the broker has reported all sessions on this connection */
    struct list by_id[SESSIONS_BUCKETS_COUNT], by_name[SESSIONS_BUCKETS_COUNT];
    struct list gone; /* the oldest first */
};

/* ---- reports of the broker ---- */

/* Take a SESSION frame. Returns false when it breaks the protocol, or when memory is out. */
bool sessions_on_frame(struct sessions *sessions, const struct frame *frame);
/* Note that the connection is lost. Ends no turn, because each turn ends with its run. */
void sessions_lose(struct sessions *sessions);

/* ---- finding ---- */

/* Find the owner's session of this name: opening, live or gone. Returns NULL if there is none. The
 * session is valid for this turn, or while it is held. */
struct session *sessions_find(struct sessions *sessions, const char *owner, struct bytes name);
/* Find the owner's next live session after this one; the first if `after` is NULL. */
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

/* ---- the life of a session ---- */

/* Add a session that is being opened to the table. The caller holds it. The id must be new, and the
 * owner must have no session of this name. Returns NULL when memory is out. */
struct session *sessions_open(struct sessions *sessions, uint64_t id, const char *owner,
                              const char *name);
/* Mark a session as deleted, after the order to end it was sent to the broker. No-op if it is
 * gone. */
void session_end(struct session *session);
/* Count a client's use of the session: its idle time begins again. Sets its idle_ms, unless idle_ms
 * is 0. */
void session_keep(struct session *session, uint32_t idle_ms);

/* Append the record of a session, without its environment, which the caller then appends by
 * job_put_env (job.h). Returns false when out's cap forbids it. */
bool session_record_begin(struct buf *out, uint32_t cpu_time_ms, uint64_t output_bytes);
/* Returns the session's environment, as whole fields of a RUN payload. Borrowed from the session.
 */
struct bytes session_env(const struct session *session);

/* ---- turns ---- */

/* A turn is a run of this front in a session, from its submission on. Embedded in the run's owner.
 * A zeroed turn is in no session. */
struct session_turn {
    struct session *session; /* held; NULL: in none */
    struct node node;
    uint64_t run_id;
    bool is_cell;
    bool was_interrupted; /* set by its owner */
};

/* Add the turn of a run to its session, and hold the session. No-op if the session is NULL. */
void session_turn_enter(struct session_turn *turn, struct session *session, uint64_t run_id,
                        bool is_cell);
void session_turn_leave(struct session_turn *turn); /* a no-op on a turn in no session */

/* Returns true if a run would have to wait. */
bool session_is_busy(const struct session *session);
/* Write the id of the run that the session is busy with, or "" if there is none. Returns text. */
const char *session_running(const struct session *session, char text[JOB_EXECUTION_MAX + 1]);

/* The part of a run's answer that is about its session. A zeroed note is about no session. */
struct session_note {
    char name[JOB_SESSION_NAME_MAX + 1];
    enum session_state state;
    enum session_reason reason;
    /* in clock_wall_ms; 0: the session has no such time now */
    uint64_t expires_ms, idle_expires_ms;
    uint64_t generation, dropped_bytes;
    bool is_state_lost, was_interrupted;
    char running[JOB_EXECUTION_MAX + 1]; /* the run that uses the session; "": none or unknown */
};

/* Call this when the run has ended, or was refused (outcome NULL). Fills the note, and takes the
 * turn out of its session. Leaves the note untouched if the turn is in no session, or the session's
 * state is unknown. */
void session_turn_end(struct session_turn *turn, const struct outcome *outcome,
                      struct session_note *note);

#endif
