/* leases.h - the table of sessions: which there are, which there were, and when each ends.
 *
 * An owner's session has a name, which no other session of this owner gets while it lives or is
 * remembered. There are at most config_sessions_most live ones, and sessions_per_key of an owner.
 * When there are as many as there may be, an idle one gives way to a newcomer: the one that was
 * idle the longest, of the other owners who hold at least as many as the newcomer's then would.
 *
 * A session ends when it was idle for its idle time, when it reaches its greatest age, or by
 * leases_end. It is remembered for executions_keep_ms, with at most executions_max others: then the
 * owner with the most of them loses the oldest.
 *
 * Each change gets a serial number, so that a reader who remembers the last one that it has seen
 * finds what came later (leases_next). Single-threaded. Callbacks follow the four laws in loop.h.
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
    /* This session is ENDED now: its box and its runs, which it still has, must go. */
    void (*on_ended)(void *arg, struct lease *lease);
    void *arg;

    /* private to leases.c, but for reading */
    struct list opening, live, ended; /* ended: the oldest first */
    struct list changes;              /* of the live and the ended, the latest last */
    uint64_t serial;
    struct room past; /* the ended ones, by owner */
    struct timer forget;
    uint64_t opened_count;
    uint64_t ended_count[SESSION_REASONS_COUNT];
};

/* Fill the rest of a zeroed table whose borrowed members are set. */
void leases_init(struct leases *leases);
void leases_release(struct leases *leases); /* frees all, in silence */

/* Would the opening of this job's session be granted? Changes nothing. Fails with ERR_SESSION_TAKEN
 * (a live session has this name), ERR_SESSION_BUSY (one with this name is being opened),
 * ERR_SESSION_GONE (one with this name has ended), ERR_SESSION_LIMIT or ERR_INVALID (its times). */
bool leases_would_open(const struct leases *leases, const struct job *job, struct error *err);
/* Make the session of a job that would be granted, OPENING. An idle one may be ended for it.
 * Returns NULL when memory is out. */
struct lease *leases_open(struct leases *leases, const struct job *job);
/* OPENING -> LIVE. */
void leases_begin(struct leases *leases, struct lease *lease);
/* OPENING -> freed: as if it had never been asked for. */
void leases_drop(struct leases *leases, struct lease *lease);
/* LIVE -> ENDED. Calls on_ended. No-op for an ended one. */
void leases_end(struct leases *leases, struct lease *lease, enum session_reason reason);

/* Call it after lease->run or its turns have changed: the idle time runs, or does not. Counts as
 * use. */
void leases_note_use(struct leases *leases, struct lease *lease);
/* Count as use, and set the idle time unless it is 0. */
void leases_keep(struct leases *leases, struct lease *lease, uint32_t idle_ms);
/* A member that fronts hear of has changed. */
void leases_note_change(struct leases *leases, struct lease *lease);

/* Find a session, in whichever state. NULL: there is none. */
struct lease *leases_find(const struct leases *leases, uint64_t id);
/* Find the first session that has changed after `serial`. NULL: none has. It is valid until the
 * table changes. */
const struct lease *leases_next(const struct leases *leases, uint64_t serial);

/* Put the metrics. */
void leases_report(const struct leases *leases, struct samples *samples);

#endif
