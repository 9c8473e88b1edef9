#include "front/runs/ending.h"

#include <stdio.h>

#include "common/clock.h"

void ending_note(struct ending *ending, enum ending_cause cause, const char *why)
{
    if (ending->cause != ENDING_NONE)
        return;
    ending->cause = cause;
    snprintf(ending->why, sizeof ending->why, "%s", why);
}

const char *ending_reason(const struct ending *ending)
{
    static const char *const reasons[] = {[ENDING_STOP_ON] = "stop_on",
                                          [ENDING_TOTAL_TIMEOUT] = "total_timeout",
                                          [ENDING_NOT_STARTED] = "not_started"};
    return reasons[ending->cause];
}

struct outcome ending_outcome(const struct ending *ending, const struct summary *summary,
                              uint64_t begun_ns)
{
    bool all_passed = summary->counts[REPORT_PASSED] == summary->tests_count;
    struct outcome outcome = {.verdict = VERDICT_EXITED,
                              .exit_code = all_passed ? 0 : 1,
                              .wall_ns = clock_now_ns() - begun_ns};
    if (ending->cause == ENDING_TOTAL_TIMEOUT)
        outcome.verdict = VERDICT_TIMEOUT;
    if (ending->cause == ENDING_NOT_STARTED) {
        outcome.verdict = VERDICT_LOST;
        snprintf(outcome.text, sizeof outcome.text, "Some tests did not run: %.90s", ending->why);
    }
    return outcome;
}
