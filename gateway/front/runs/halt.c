#include "front/runs/halt.h"

#include <stdio.h>

#include "common/clock.h"

void halt_note(struct halt *halt, enum halt_cause cause, const char *why)
{
    if (halt->cause != HALT_NONE)
        return;
    halt->cause = cause;
    snprintf(halt->why, sizeof halt->why, "%s", why);
}

const char *halt_reason(const struct halt *halt)
{
    static const char *const reasons[] = {[HALT_STOP_ON] = "stop_on",
                                          [HALT_TOTAL_TIMEOUT] = "total_timeout",
                                          [HALT_NOT_STARTED] = "not_started"};
    return reasons[halt->cause];
}

struct outcome halt_outcome(const struct halt *halt, const struct summary *summary,
                            uint64_t begun_ns)
{
    bool all_passed = summary->counts[REPORT_PASSED] == summary->tests_count;
    struct outcome outcome = {.verdict = VERDICT_EXITED,
                              .exit_code = all_passed ? 0 : 1,
                              .wall_ns = clock_now_ns() - begun_ns};
    /* A short run reports its start only together with its end. */
    if (outcome.wall_ns < summary->slowest_ns)
        outcome.wall_ns = summary->slowest_ns;
    if (halt->cause == HALT_TOTAL_TIMEOUT)
        outcome.verdict = VERDICT_TIMEOUT;
    if (halt->cause == HALT_NOT_STARTED) {
        outcome.verdict = VERDICT_LOST;
        snprintf(outcome.text, sizeof outcome.text, "Some tests did not run: %.90s", halt->why);
    }
    return outcome;
}
