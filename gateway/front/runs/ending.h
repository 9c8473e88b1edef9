/* ending.h - why a submission begins no further test, and how it has ended then. Pure but for the
 * clock. */
#ifndef MAYFLY_ENDING_H
#define MAYFLY_ENDING_H

#include "common/error.h"
#include "common/outcome.h"
#include "front/runs/report.h"

enum ending_cause {
    ENDING_NONE, /* further tests begin, if there are any */
    ENDING_STOP_ON,
    ENDING_TOTAL_TIMEOUT,
    ENDING_NOT_STARTED, /* a test was refused for good */
};

/* Zero-initialised is ENDING_NONE. */
struct ending {
    enum ending_cause cause;
    char why[ERROR_TEXT_BYTES]; /* for people */
};

/* Note a cause, if none has been noted. */
void ending_note(struct ending *ending, enum ending_cause cause, const char *why);
/* Returns the reason of the tests that have not run (report.h); NULL for ENDING_NONE. */
const char *ending_reason(const struct ending *ending);
/* Returns the outcome of all tests, the first of which began then. */
struct outcome ending_outcome(const struct ending *ending, const struct summary *summary,
                              uint64_t begun_ns);

#endif
