/* test_plan.h - the tests of a submission: what each adds to the common job, and its expected
 * results.
 *
 * The plan keeps fields of RUN payloads, so that the program is in memory once, however many tests
 * there are. Pure.
 */
#ifndef MAYFLY_TEST_PLAN_H
#define MAYFLY_TEST_PLAN_H

#include "common/job.h"
#include "front/runs/comparison.h"

struct expected_file {
    struct bytes path, content; /* in the test's memory */
};

/* A zeroed test adds nothing, and expects nothing but success. */
struct test_case {
    struct buf fields;        /* its own, of a RUN payload */
    bool has_args, has_stdin; /* among them: the common ones are then left out */
    struct comparer comparer;
    struct bytes name, stdout_text; /* in `memory`; data is NULL where there is none */
    struct expected_file *files;    /* owned */
    size_t files_count;
    struct buf memory;
};

/* A zeroed plan is empty. */
struct test_plan {
    struct buf common; /* fields: first all but args and stdin, then these */
    size_t args_at, stdin_at;
    struct test_case *cases; /* owned */
    size_t count;
};

void test_plan_release(struct test_plan *plan);
/* The memory that it holds. */
size_t test_plan_bytes(const struct test_plan *plan);

/* Fill the empty `frame` with the whole RUN frame of a test. Times that are shorter than the common
 * ones replace them. False on no memory, or if a frame cannot hold so much. */
bool test_plan_write(const struct test_plan *plan, size_t index, uint32_t timeout_ms,
                     uint32_t queue_timeout_ms, struct buf *frame);
/* The test has been judged: free its memory, and return how much that was. */
size_t test_plan_forget(struct test_plan *plan, size_t index);

#endif
