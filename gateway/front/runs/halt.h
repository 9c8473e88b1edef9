/* halt.h - the reason for which a submission starts no more tests, and the outcome of the
 * submission. Pure except for the clock.
 */
#ifndef MAYFLY_HALT_H
#define MAYFLY_HALT_H

#include "common/error.h"
#include "common/outcome.h"
#include "front/runs/report.h"

enum halt_cause {
    HALT_NONE, /* more tests are started, if there are any */
    HALT_STOP_ON,
    HALT_TOTAL_TIMEOUT,
    HALT_NOT_STARTED, /* a test was refused, and retries did not help */
};

/* A zeroed halt is HALT_NONE. */
struct halt {
    enum halt_cause cause;
    char why[ERROR_TEXT_BYTES]; /* for people */
};

static inline bool halt_is_set(const struct halt *halt)
{
    return halt->cause != HALT_NONE;
}
/* Record the cause, if none is recorded yet. */
void halt_note(struct halt *halt, enum halt_cause cause, const char *why);
/* Returns the reason for tests that did not run (report.h); NULL for HALT_NONE. */
const char *halt_reason(const struct halt *halt);
/* Returns the outcome of the whole submission, whose first test began at begun_ns. Its time is at
 * least that of its slowest test. */
struct outcome halt_outcome(const struct halt *halt, const struct summary *summary,
                            uint64_t begun_ns);

#endif
