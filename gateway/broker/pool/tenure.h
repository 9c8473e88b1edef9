/* tenure.h - whose runs a box serves, and how many it has served.
 *
 * A box has no tenant until its first lease. From then on it is that tenant's until it is removed:
 * tenure_take is the only place that writes one, and it refuses every other. Pure.
 */
#ifndef MAYFLY_TENURE_H
#define MAYFLY_TENURE_H

#include "common/job.h"

/* Why a box that may serve several runs does not. The names are the reasons of box_retired. */
enum retirement {
    RETIRED_NOT,     /* it may be kept */
    RETIRED_NUMBER,  /* it has served as many runs as it may */
    RETIRED_AGE,     /* it has reached the greatest age */
    RETIRED_IDLE,    /* its owner sent nothing for MAYFLY_BOX_IDLE_MS */
    RETIRED_EVICTED, /* its place was needed for others */
    RETIRED_TIMEOUT, /* its run ended in this way; the same for the next ones */
    RETIRED_CPU_TIME,
    RETIRED_SIGNAL,
    RETIRED_OOM,
    RETIRED_OUTPUT,    /* the run wrote more than is kept */
    RETIRED_LIMIT,     /* the run met the limit of processes, or of files */
    RETIRED_CANCELED,  /* the run was canceled, or its client hung up */
    RETIRED_LOST,      /* the box was lost, or broke the protocol */
    RETIRED_UNCLEAN,   /* its init found something that was not as before the run */
    RETIRED_LATE,      /* its init did not report in time */
    RETIRED_ENGINE,    /* the engine was lost, or the sandbox is not trusted */
    RETIRED_STOPPED,   /* the gateway stops */
    RETIRED_FINISHED,  /* the scope that it served has ended */
    RETIREMENTS_COUNT, /* no reason: their number */
};

/* A box serves the runs of one tenant. Two scopes of an owner share none. */
struct tenant {
    const char *owner;
    uint64_t scope; /* 0: the runs of this owner that have none */
    bool
        is_session; /* the scope is a session's: its box is leased to it, and serves all its runs */
};

/* A zeroed tenure is that of a fresh box. */
struct tenure {
    char owner[JOB_OWNER_NAME_MAX + 1]; /* while runs_count > 0; "" is an owner, too */
    uint64_t scope;                     /* as owner */
    bool is_leased;                     /* to the session that is its scope, until it is removed */
    uint32_t runs_count;                /* served, the present one included */
    uint32_t runs_most;                 /* as the present or last run allows it */
    enum retirement end; /* why the present run is the last; RETIRED_NOT: it need not be */
};

/* May a box serve a run of this tenant that allows it runs_most runs. */
bool tenure_allows(const struct tenure *tenure, struct tenant tenant, uint32_t runs_most);
/* The box serves one more run. Returns false, with nothing changed, if that is not allowed. */
bool tenure_take(struct tenure *tenure, struct tenant tenant, uint32_t runs_most);
/* Judge the END of a run; borrows it. Returns RETIRED_NOT if nothing speaks against another run.
 * This is a second witness: init does not say READY after such an end either. */
enum retirement tenure_judge(struct bytes end_payload);

const char *retirement_name(enum retirement why); /* "number", "age", ... */

#endif
