/* suite.h - one program with many tests: each test is a run, and all together are one execution.
 *
 *   a test:  waits for a lane -> attempt.h -> is reported
 *
 * A lane runs one test at a time. A suite begins with one lane, because each lane costs a box. The
 * longer it runs, the more lanes it opens, up to `width`. It opens all at once if a test shows that
 * the rest will take long. The boxes have a scope of their own (job.h), so they serve only tests of
 * this suite. The scope ends with the suite.
 *
 * If a test is refused before any test has had a box, the whole suite is refused: nothing has run,
 * and the client may try again. Once a test has had a box, the suite always gets an answer. A test
 * that is refused then is tried again until its queue_timeout has passed. If it is still refused,
 * this test and the rest are reported as not run. Knows neither HTTP nor JSON.
 */
#ifndef MAYFLY_SUITE_H
#define MAYFLY_SUITE_H

#include "front/runs/attempt.h"
#include "front/runs/excerpt.h"

#define SUITE_LANES_MAX 8

/* The objects that all suites share. To initialise: zero it, then set executions, judging.reactor
 * and width. */
struct suites {
    struct executions *executions;
    struct judging judging;
    uint32_t width;               /* most lanes of a suite; 1 to SUITE_LANES_MAX */
    struct report_counts reports; /* of all suites so far */
};

struct suite_terms {
    /* the job without the parts that differ between tests; its box_scope is the suite's id */
    const struct job *job;
    enum output_encoding output_encoding;
    enum excerpt_kind excerpt;
    bool stops_on_failure;
    uint32_t total_timeout_ms; /* counted from the first test's box */
    const struct key *key;     /* its limits also apply to each test; NULL: no limits */
    struct test_plan *plan;    /* with at least one test; taken, also on failure */
};

/* Begin the suite and its first test. Fails like execution_begin. The claim belongs to the suite
 * until its answer was read. On failure, the claim is untouched. */
struct execution *suite_begin(struct suites *suites, const struct suite_terms *terms,
                              struct claim *claim, struct error *err);

#endif
