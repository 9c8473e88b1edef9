/* tenure.h - the tenant of a box, and the number of runs that the box has served.
 *
 * A box has no tenant until its first lease. From then on it belongs to that tenant until it is
 * removed. Only tenure_take writes the tenant of a box, and it refuses any other tenant. Pure.
 */
#ifndef MAYFLY_TENURE_H
#define MAYFLY_TENURE_H

#include "common/job.h"

/* The reasons to remove a box that could serve more runs. retirement_name returns their names for
 * logs and metrics.
 */
enum retirement {
    RETIRED_NOT,     /* it may be kept */
    RETIRED_NUMBER,  /* it has served its largest number of runs */
    RETIRED_AGE,     /* it has reached its greatest age */
    RETIRED_IDLE,    /* its owner sent nothing for MAYFLY_BOX_IDLE_MS */
    RETIRED_EVICTED, /* its slot was needed for another box */
    /* its run ended with this verdict; the same holds for the next three reasons */
    RETIRED_TIMEOUT,
    RETIRED_CPU_TIME,
    RETIRED_SIGNAL,
    RETIRED_OOM,
    RETIRED_OUTPUT,    /* the run wrote more output than its cap */
    RETIRED_LIMIT,     /* the run met the limit of processes, or of files */
    RETIRED_CANCELED,  /* the run was canceled, or its client hung up */
    RETIRED_LOST,      /* the box was lost, or broke the protocol */
    RETIRED_UNCLEAN,   /* its init found a difference from the state before the run */
    RETIRED_LATE,      /* its init did not report in time */
    RETIRED_ENGINE,    /* the engine was lost, or the sandbox is not trusted */
    RETIRED_STOPPED,   /* the gateway is stopping */
    RETIRED_FINISHED,  /* the scope that it served has ended */
    RETIREMENTS_COUNT, /* not a reason: the number of reasons */
};

/* A box serves the runs of one tenant. Two scopes of one owner share no box. */
struct tenant {
    const char *owner;
    uint64_t scope;  /* 0: the owner's runs without a scope */
    bool is_session; /* the scope is a session: it leases one box, which serves all its runs */
};

/* A zeroed tenure is that of a fresh box. */
struct tenure {
    char owner[JOB_OWNER_NAME_MAX + 1]; /* valid while runs_count > 0; "" is an owner, too */
    uint64_t scope;                     /* valid while runs_count > 0 */
    bool is_leased;                     /* to the session with this scope, until removal */
    uint32_t runs_count;                /* runs that were served, including the present one */
    uint32_t runs_most;                 /* limit of runs_count, as set by the present or last run */
    /* the reason why the present run is the last; RETIRED_NOT: another run may follow */
    enum retirement end;
};

/* Returns true if a box may serve a run of this tenant, with at most runs_most runs in all. */
bool tenure_allows(const struct tenure *tenure, struct tenant tenant, uint32_t runs_most);
/* Count one more run of the box. Returns false, with nothing changed, if that is not allowed. */
bool tenure_take(struct tenure *tenure, struct tenant tenant, uint32_t runs_most);
/* Judge the END of a run. Borrows the payload. Returns RETIRED_NOT if the END has no reason against
 * another run in the box. This check is redundant, because init does not become READY after such an
 * END either. */
enum retirement tenure_judge(struct bytes end_payload);

const char *retirement_name(enum retirement why); /* "number", "age", ... */

#endif
