/* meter.h - counts the calls to the engine, their outcomes and their durations.
 *
 * Each call is counted once, when it has ended. Knows the calls' names, but not how they are made.
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
    ENGINE_ATTACH, /* until the head of its answer */
    ENGINE_START,
    ENGINE_INSPECT,
    ENGINE_STATS,
    ENGINE_REMOVE,
    ENGINE_LIST,
    ENGINE_CALLS_COUNT, /* the number of kinds of calls */
};

enum call_outcome {
    CALL_OK,
    CALL_MISSING,   /* 404 */
    CALL_REFUSED,   /* any other status from 400 on */
    CALL_MALFORMED, /* a status below 400, but a malformed answer */
    CALL_TIMEOUT,
    CALL_FAILED,         /* no answer: refused, cut off or not HTTP */
    CALL_CANCELED,       /* we canceled the call before the answer */
    CALL_OUTCOMES_COUNT, /* the number of outcomes */
};

/* A zeroed meter is valid. */
struct meter {
    uint64_t outcomes[ENGINE_CALLS_COUNT][CALL_OUTCOMES_COUNT];
    struct histogram durations[ENGINE_CALLS_COUNT];
};

/* A call in progress. If the struct is zeroed, the call is not measured. */
struct metered {
    struct meter *meter; /* NULL once it was counted */
    enum engine_call call;
    uint64_t begun_ns;
};

/* Borrows meter until meter_end. */
struct metered meter_begin(struct meter *meter, enum engine_call call);
/* Count the call, which has ended. No-op if the call was counted already. */
void meter_end(struct metered *metered, enum call_outcome outcome);
/* Returns the outcome for an HTTP status. Status 0: there was no answer, and `why` is the
 * reason. */
enum call_outcome meter_outcome(long status, enum error_kind why);

void meter_report(const struct meter *meter, struct samples *samples);

#endif
