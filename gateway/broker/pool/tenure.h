/* tenure.h - whose runs a box serves, and how many it has served.
 *
 * A box has no owner until its first lease. From then on it is that owner's until it is removed:
 * tenure_take is the only place that writes an owner, and it refuses every other one. Pure.
 */
#ifndef MAYFLY_TENURE_H
#define MAYFLY_TENURE_H

#include "common/job.h"

/* Why a box that may serve several runs does not. The names are the reasons of box_retired. */
enum retirement {
    RETIRED_NOT,     /* it may be kept */
    RETIRED_NUMBER,  /* it has served as many runs as it may */
    RETIRED_AGE,     /* it is as old as a box gets */
    RETIRED_IDLE,    /* its owner sent nothing for MAYFLY_BOX_IDLE_MS */
    RETIRED_EVICTED, /* its place was needed for others */
    RETIRED_TIMEOUT, /* its run ended so; the same for the next ones */
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
    RETIREMENTS_COUNT, /* no reason: their number */
};

/* Zero-initialised is a fresh box's. */
struct tenure {
    char owner[JOB_OWNER_NAME_MAX + 1]; /* while runs_count > 0; "" is an owner, too */
    uint32_t runs_count;                /* served, the present one included */
    uint32_t runs_most;                 /* as the present or last run allows it */
    enum retirement end; /* why the present run is the last; RETIRED_NOT: it need not be */
};

/* May a box serve a run of this owner that allows it runs_most runs. */
bool tenure_allows(const struct tenure *tenure, const char *owner, uint32_t runs_most);
/* The box serves one more run. Returns false, with nothing changed, where that is not allowed. */
bool tenure_take(struct tenure *tenure, const char *owner, uint32_t runs_most);
/* Judge the END of a run; borrows it. Returns RETIRED_NOT where nothing speaks against another run.
 * This is a second witness: init does not say READY after such an end either. */
enum retirement tenure_judge(struct bytes end_payload);

const char *retirement_name(enum retirement why); /* "number", "age", ... */

#endif
