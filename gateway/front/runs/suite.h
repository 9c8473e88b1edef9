/* suite.h - one program, many tests: each a run of its own, and together one execution.
 *
 *   a test:  waits for a lane -> attempt.h -> is reported
 *
 * A lane has one test at a time. A suite begins with one lane. It opens more, up to `width`, while
 * it lasts, or at once if a test has shown that the rest will last: each lane costs a box. The
 * boxes are a scope of their own (job.h), so that they serve this suite's tests only; the scope
 * ends with the suite.
 *
 * Until a test has had a box, a refusal is that of the whole suite: nothing has run, and the client
 * may try again. After that there is an answer in any case. A test that is then refused is tried
 * again until its queue_timeout has passed; if that does not help, it and the rest are reported as
 * not run. Knows neither HTTP nor JSON.
 */
#ifndef MAYFLY_SUITE_H
#define MAYFLY_SUITE_H

#include "front/runs/attempt.h"
#include "front/runs/excerpt.h"

#define SUITE_LANES_MAX 8

/* The suites, and what they share. To initialise: zero it, then set the first
 * group. */
struct suites {
    struct executions *executions;
    struct judging judging;
    uint32_t width;               /* lanes of a suite, at most; 1 to SUITE_LANES_MAX */
    struct report_counts reports; /* of all suites so far */
};

struct suite_terms {
    const struct job *job; /* what all tests have in common; its box_scope is the suite's id */
    enum output_encoding output_encoding;
    enum excerpt_kind excerpt;
    bool stops_on_failure;
    uint32_t total_timeout_ms; /* from the first test's start on */
    const struct key *key;     /* its limits hold for the tests, too; NULL: none do */
    struct test_plan *plan;    /* one test or more; taken, also on failure */
};

/* Begin the suite and its first test. As execution_begin; the claim is the suite's until its answer
 * has been read. It is taken if anything has begun. */
struct execution *suite_begin(struct suites *suites, const struct suite_terms *terms,
                              struct claim *claim, struct error *err);

#endif
