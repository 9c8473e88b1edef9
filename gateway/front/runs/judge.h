/* judge.h - compares a test's results with the expected ones, part by part.
 *
 * Only a run that succeeded is compared: first its stdout, then each expected file. Pure.
 */
#ifndef MAYFLY_JUDGE_H
#define MAYFLY_JUDGE_H

#include "front/runs/test_plan.h"
#include "front/runs/transcript.h"

/* A zeroed judge is idle. */
struct judge {
    const struct test_case *test;
    const struct transcript *run;
    size_t next; /* 0: stdout is next; else one more than the index of the next file */
    bool is_comparing;
    struct comparison comparison;
    /* after the comparison */
    enum report_verdict verdict;
    bool has_difference;
    struct bytes path; /* the file that differs; empty: stdout */
    struct difference difference;
};

/* Borrows both arguments as long as the judge is used. The run must have ended. */
struct judge judge_of(const struct test_case *test, const struct transcript *run);
/* Compare about `most_bytes` more. Returns true when the verdict is reached. */
bool judge_step(struct judge *judge, size_t most_bytes);
/* Returns the result as terms for report_new. Borrowed from the judge. */
struct report judge_report(const struct judge *judge);

#endif
