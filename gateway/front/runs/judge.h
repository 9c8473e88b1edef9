/* judge.h - compares the results of a test's run with the expected ones, a part at a time.
 *
 * Only a run that succeeded is compared: first its stdout, then each expected file. Pure.
 */
#ifndef MAYFLY_JUDGE_H
#define MAYFLY_JUDGE_H

#include "front/runs/test_plan.h"
#include "front/runs/transcript.h"

/* A zeroed judge judges nothing. */
struct judge {
    const struct test_case *test;
    const struct transcript *run;
    size_t next; /* 0: stdout is to be compared; else one more than the index of the file */
    bool is_comparing;
    struct comparison comparison;
    /* once it has finished */
    enum report_verdict verdict;
    bool has_difference;
    struct bytes path; /* the file that differs; none: stdout */
    struct difference difference;
};

/* Borrows both until the judge is forgotten. The run has ended. */
struct judge judge_of(const struct test_case *test, const struct transcript *run);
/* Look at about `most_bytes` more. Returns true when it has finished. */
bool judge_step(struct judge *judge, size_t most_bytes);
/* Returns the terms of its report (report_new): what it has found. Valid as long as the
 * judge is. */
struct report judge_report(const struct judge *judge);

#endif
