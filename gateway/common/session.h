/* session.h - the messages between front and broker about sessions.
 *
 * A session is a box that is leased to one key and keeps its interpreter. The broker has the table
 * of all sessions. It sends every front a notice of each session when the front connects, and again
 * after each change. A front opens a session by a RUN with WIRE_TAG_SESSION_NAME (job.h), and sends
 * orders in SESSION frames.
 *
 * The id of a session on the wire is a random number that the front chose: the box_scope of each of
 * its jobs. Clients know it by its name, which is unique for each owner.
 *
 * Times are by clock_wall_ms. Pure: knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_SESSION_H
#define MAYFLY_SESSION_H

#include "common/job.h"

enum session_state {
    SESSION_IDLE = 1,
    SESSION_BUSY = 2, /* a run uses it, or waits for it */
    SESSION_GONE = 3, /* it has ended; its owner cannot use the name again before forgotten_ms */
};

enum session_reason {
    SESSION_ENDED_NOT,
    SESSION_IDLE_TIMEOUT,
    SESSION_MAX_LIFETIME,
    SESSION_MEMORY_LIMIT,
    SESSION_CRASHED,
    SESSION_DELETED,
    SESSION_ENGINE_LOST,
    SESSION_GATEWAY_RESTART,
    SESSION_EVICTED,
    SESSION_REASONS_COUNT, /* the number of reasons */
};

struct session_notice {
    enum session_state state;
    enum session_reason reason; /* SESSION_GONE: why it has ended. SESSION_ENDED_NOT: no session of
                                 * this id is known, and only state and reason are set */
    char owner[JOB_OWNER_NAME_MAX + 1];
    char name[JOB_SESSION_NAME_MAX + 1];
    char runtime[JOB_RUNTIME_NAME_MAX + 1];
    struct limits limits;
    uint32_t idle_ms; /* the session ends after being idle for this long */
    uint32_t life_ms; /* the session ends at this age at the latest */
    uint64_t created_ms, expires_ms;
    /* SESSION_IDLE: the session ends then if it is not used before. Else 0 */
    uint64_t idle_expires_ms;
    uint64_t ended_ms, forgotten_ms; /* SESSION_GONE only, else 0 */
    uint64_t cells_count;            /* cells that have begun */
    uint64_t generation;             /* number of its interpreter after the last run, from 1 */
    uint64_t peak_memory_bytes;      /* peak of its box in the last run; 0: unknown */
    /* SESSION_BUSY: the id by which clients know the run that uses it; "": the run has no id */
    char execution[JOB_EXECUTION_MAX + 1];
    /* the record from the front that opened the session. Only the first notice of a live session to
     * each front has it. Borrowed */
    struct bytes record;
};

/* Append the fields, between wire_begin and wire_end. Returns false when out's cap forbids it. */
bool session_notice_encode(struct buf *out, const struct session_notice *notice);
/* Read a payload. Fails with ERR_PROTOCOL; *notice is then untouched. */
bool session_notice_decode(struct bytes payload, struct session_notice *notice, struct error *err);

/* An order of a front for a live session. A notice follows each order, even if nothing changes. */
enum session_deed {
    SESSION_END = 1,       /* end the session at once, with the reason "deleted" */
    SESSION_KEEP = 2,      /* count as use, and set idle_ms unless it is 0 */
    SESSION_INTERRUPT = 3, /* interrupt the cell of this execution; no-op if it has ended */
};

struct session_order {
    enum session_deed deed;
    uint32_t idle_ms;                      /* SESSION_KEEP; 0: unchanged */
    char execution[JOB_EXECUTION_MAX + 1]; /* SESSION_INTERRUPT; "": the cell that runs */
};

/* Like the two functions for notices. */
bool session_order_encode(struct buf *out, const struct session_order *order);
bool session_order_decode(struct bytes payload, struct session_order *order, struct error *err);

/* Returns the reason as clients get it: "idle_timeout", ... Never NULL. */
const char *session_reason_name(enum session_reason reason);
const char *session_state_name(enum session_state state); /* "idle", "busy", "gone" */

#endif
