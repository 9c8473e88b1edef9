/* test_plan.h - the tests of a submission: the fields that each adds to the common job, and the
 * results that each expects.
 *
 * The plan stores fields of RUN payloads, so that the program is in memory only once, however many
 * tests there are. Pure.
 */
#ifndef MAYFLY_TEST_PLAN_H
#define MAYFLY_TEST_PLAN_H

#include "common/job.h"
#include "front/runs/comparison.h"

struct expected_file {
    struct bytes path, content; /* in the test's memory */
};

/* A zeroed test adds nothing, and expects only success. */
struct test_case {
    struct buf fields;        /* its own fields of a RUN payload */
    bool has_args, has_stdin; /* `fields` has them, and those in `common` are left out */
    struct comparer comparer;
    struct bytes name, stdout_text; /* in `memory`; data is NULL if not given */
    struct expected_file *files;    /* owned */
    size_t files_count;
    struct buf memory;
};

/* A zeroed plan is empty. */
struct test_plan {
    /* fields of all tests: args are at args_at, stdin is at stdin_at, both at the end */
    struct buf common;
    size_t args_at, stdin_at;
    struct test_case *cases; /* owned */
    size_t count;
};

void test_plan_release(struct test_plan *plan);
/* Returns how much memory the plan uses. */
size_t test_plan_bytes(const struct test_plan *plan);

/* Write the whole RUN frame of a test to `frame`. timeout_ms and queue_timeout_ms replace the
 * common ones if they are shorter. Returns false when memory is out or the frame would be too
 * large. */
bool test_plan_write(const struct test_plan *plan, size_t index, uint32_t timeout_ms,
                     uint32_t queue_timeout_ms, struct buf *frame);
/* Free the memory of a test that was judged. Returns the number of bytes that were freed. */
size_t test_plan_forget(struct test_plan *plan, size_t index);

#endif
