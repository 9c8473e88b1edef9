/* halt.h - why a submission begins no further test, and how it then ends. Pure but for the clock.
 */
#ifndef MAYFLY_HALT_H
#define MAYFLY_HALT_H

#include "common/error.h"
#include "common/outcome.h"
#include "front/runs/report.h"

enum halt_cause {
    HALT_NONE, /* further tests begin, if there are any */
    HALT_STOP_ON,
    HALT_TOTAL_TIMEOUT,
    HALT_NOT_STARTED, /* a test was refused for good */
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
/* Note a cause, if none has been noted. */
void halt_note(struct halt *halt, enum halt_cause cause, const char *why);
/* Returns the reason of the tests that have not run (report.h); NULL for HALT_NONE. */
const char *halt_reason(const struct halt *halt);
/* Returns the outcome of all tests, the first of which began at begun_ns. Its time is at least that
 * of the slowest test. */
struct outcome halt_outcome(const struct halt *halt, const struct summary *summary,
                            uint64_t begun_ns);

#endif
