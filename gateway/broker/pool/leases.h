/* leases.h - the table of all sessions, including ended ones, and the rules by which a session
 * ends.
 *
 * A session's name is unique among the sessions of its owner, ended ones included until they are
 * forgotten. There are at most config_sessions_most live sessions in all, and sessions_per_key for
 * each owner. When the table is full, a new session evicts an idle session of another owner. That
 * owner must have at least as many sessions as the new session's owner would have with it. Among
 * all such idle sessions, the one that has been idle the longest is evicted.
 *
 * A session ends when it was idle for its idle time, when it reaches its greatest age, or by
 * leases_end. An ended session is remembered for executions_keep_ms. When more than executions_max
 * are remembered, the owner with the most of them loses their oldest.
 *
 * Each change gets a serial number. A reader remembers the last number that it has seen, and asks
 * for later changes (leases_next). Single-threaded. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_LEASES_H
#define MAYFLY_LEASES_H

#include "broker/pool/lease.h"
#include "broker/pool/room.h"
#include "common/config.h"

struct leases {
    /* borrowed; set by the caller before leases_init */
    struct timers *timers;
    const struct config *config;
    /* This session is ENDED now. The callee must take its box and its runs away from it. */
    void (*on_ended)(void *arg, struct lease *lease);
    void *arg;

    /* only leases.c writes these; any file may read them */
    struct list opening, live, ended; /* sessions by state; `ended`: the oldest first */
    struct list changes; /* live and ended sessions, in the order of their last changes */
    uint64_t serial;
    struct room past; /* counts the ended sessions of each owner */
    struct timer forget;
    uint64_t opened_count;
    uint64_t ended_count[SESSION_REASONS_COUNT];
};

/* Fill the rest of a zeroed table whose borrowed members are set. */
void leases_init(struct leases *leases);
void leases_release(struct leases *leases); /* frees all sessions, without callbacks */

/* Returns true if this job may open its session. Changes nothing. Fails with ERR_SESSION_LIMIT or
 * ERR_INVALID (its id or its times). If the owner has a session with this name, fails with
 * ERR_SESSION_TAKEN (it is live), ERR_SESSION_BUSY (it is being opened) or ERR_SESSION_GONE (it has
 * ended). */
bool leases_would_open(const struct leases *leases, const struct job *job, struct error *err);
/* Make the session of a job, in state OPENING. leases_would_open must have returned true. May end
 * an idle session to make space. Returns NULL when memory is out. */
struct lease *leases_open(struct leases *leases, const struct job *job);
/* OPENING -> LIVE. */
void leases_begin(struct leases *leases, struct lease *lease);
/* OPENING -> freed. No trace of the session is left. */
void leases_drop(struct leases *leases, struct lease *lease);
/* LIVE -> ENDED. Calls on_ended. No-op for a session that has ended. */
void leases_end(struct leases *leases, struct lease *lease, enum session_reason reason);

/* Call it after lease->run or its turns have changed. Starts or stops the idle time, and counts as
 * use of the session. */
void leases_note_use(struct leases *leases, struct lease *lease);
/* Count a use of the session, and set its idle time unless idle_ms is 0. */
void leases_keep(struct leases *leases, struct lease *lease, uint32_t idle_ms);
/* Call it after a change of a member that fronts get in notices. */
void leases_note_change(struct leases *leases, struct lease *lease);

/* Find a session in any state. Returns NULL if there is none. */
struct lease *leases_find(const struct leases *leases, uint64_t id);
/* Find the session with the earliest change after `serial`. Returns NULL if there is none. The
 * pointer is valid until the table changes. */
const struct lease *leases_next(const struct leases *leases, uint64_t serial);

/* Append the metrics of sessions. */
void leases_report(const struct leases *leases, struct samples *samples);

#endif
