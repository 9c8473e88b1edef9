/* meter.h - counts the calls to the engine: how many there were, how they ended and how long they
 * took.
 *
 * Every call is counted once, when it has ended in any way. Knows the calls' names, not how they
 * are made.
 */
#ifndef MAYFLY_METER_H
#define MAYFLY_METER_H

#include "common/error.h"
#include "common/sample.h"

enum engine_call {
    ENGINE_VERSION,
    ENGINE_INFO,
    ENGINE_IMAGE,
    ENGINE_CREATE,
    ENGINE_ATTACH, /* until its answer's head */
    ENGINE_START,
    ENGINE_INSPECT,
    ENGINE_STATS,
    ENGINE_REMOVE,
    ENGINE_LIST,
    ENGINE_CALLS_COUNT, /* none: how many there are */
};

enum call_outcome {
    CALL_OK,
    CALL_MISSING,   /* 404 */
    CALL_REFUSED,   /* another status from 400 on */
    CALL_MALFORMED, /* the status was good, and the answer was malformed */
    CALL_TIMEOUT,
    CALL_FAILED,         /* no answer: refused, cut or no HTTP */
    CALL_CANCELED,       /* by us, before its answer */
    CALL_OUTCOMES_COUNT, /* none: how many there are */
};

/* A zeroed meter is valid. */
struct meter {
    uint64_t outcomes[ENGINE_CALLS_COUNT][CALL_OUTCOMES_COUNT];
    struct histogram durations[ENGINE_CALLS_COUNT];
};

/* A pending call. A zeroed struct is not measured. */
struct metered {
    struct meter *meter; /* NULL once it has been counted */
    enum engine_call call;
    uint64_t begun_ns;
};

/* Borrows meter until meter_end. */
struct metered meter_begin(struct meter *meter, enum engine_call call);
/* The call has ended. Only the first end counts. */
void meter_end(struct metered *metered, enum call_outcome outcome);
/* Returns the outcome for a status of the engine. Status 0 means that no answer came; `why` says
 * why. */
enum call_outcome meter_outcome(long status, enum error_kind why);

void meter_report(const struct meter *meter, struct samples *samples);

#endif
