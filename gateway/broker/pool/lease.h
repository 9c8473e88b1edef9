/* lease.h - a session in the broker: its owner, its times, its box and its runs.
 *
 *   OPENING --(its first run succeeds)--> LIVE --(any reason in leases.h)--> ENDED --> forgotten
 *      \___________(it fails)________________________________________________________/
 *
 * No front gets notices of an opening session. Of an ended session, only the identity, the times
 * and the reason are kept. The box belongs to the stock, and is leased to this session. A session
 * is idle while no run has its box or waits for it. Knows neither fronts nor the engine.
 */
#ifndef MAYFLY_LEASE_H
#define MAYFLY_LEASE_H

#include "broker/pool/run.h"
#include "common/session.h"

enum lease_state { LEASE_OPENING, LEASE_LIVE, LEASE_ENDED };

struct room_owner;

struct lease {
    uint64_t id; /* its id on the wire, and the scope of its box */
    enum lease_state state;
    char owner[JOB_OWNER_NAME_MAX + 1];
    char name[JOB_SESSION_NAME_MAX + 1];
    char runtime[JOB_RUNTIME_NAME_MAX + 1];
    struct limits limits;
    uint32_t idle_ms, life_ms;
    /* bytes of the front that opened the session, kept for other fronts (job.h); empty once the
     * session has ended */
    struct buf record;

    struct box *box;   /* set from its first pairing to its end */
    struct run *run;   /* the run that has the box; set and cleared with run->box (roster.h) */
    struct list turns; /* runs that wait for the box, in the order of arrival */

    uint64_t cells_count, generation, peak_memory_bytes;
    enum session_reason reason;
    /* by clock_wall_ms: when it became LIVE, was last used, and ended */
    uint64_t created_ms, used_ms, ended_ms;
    uint64_t used_ns; /* by clock_now_ns: when it was last used */

    /* private to leases.c */
    struct leases *leases;
    struct node node;           /* on one of the table's lists by state */
    struct node change;         /* on the table's list of changes, once LIVE */
    uint64_t opened, changed;   /* serial numbers of changes */
    struct timer idle, life;    /* both run while LIVE; `idle` stops while the session is busy */
    struct room_owner *pastime; /* once ENDED: its owner's entry in leases->past */
};

/* Returns true if a run has the session's box, or waits for it. */
static inline bool lease_is_busy(const struct lease *lease)
{
    return lease->run || lease->turns.count > 0;
}

/* Returns true if the session may be evicted: it is LIVE, and not busy. */
static inline bool lease_is_idle(const struct lease *lease)
{
    return lease->state == LEASE_LIVE && !lease_is_busy(lease);
}

/* Find the run of this execution; if `execution` is "", the run that has the box. Returns NULL if
 * there is none. */
struct run *lease_find_run(const struct lease *lease, const char *execution);

/* Fill in a notice of the session. `kept_ms`: how long the session is remembered after its end. The
 * notice borrows the record; without with_record, it has none. */
void lease_describe(const struct lease *lease, uint32_t kept_ms, bool with_record,
                    struct session_notice *notice);

#endif
