/* report.h - the result of one test of a submission, and the summary of all tests.
 *
 * If the test ran, its report has the run's transcript, without the parts that the client did not
 * ask for. transcript.c frees this transcript. Pure.
 */
#ifndef MAYFLY_REPORT_H
#define MAYFLY_REPORT_H

#include "common/json.h"
#include "common/sample.h"
#include "front/runs/comparison.h"

#define REPORTS_MAX 1000 /* most tests of a submission */

enum report_verdict {
    REPORT_PASSED,
    REPORT_WRONG,   /* its run succeeded, but with another result than expected */
    REPORT_ERROR,   /* the status of its run */
    REPORT_TIMEOUT, /* the status of its run */
    REPORT_FAILED,  /* the status of its run; or the run's results could not be compared */
    REPORT_NOT_RUN, /* it did not run: `reason` says why */
    REPORT_VERDICTS_COUNT,
};

struct transcript;

struct report {
    struct report *next;     /* the next report in the order of arrival; NULL: none */
    struct report *by_index; /* the next report in the order of the tests */
    /* of the test's run, which has ended; NULL: the test did not run */
    struct transcript *transcript;
    uint32_t index; /* number of the test in its submission, from 0 */
    enum report_verdict verdict;
    const char *reason; /* for NOT_RUN; static */
    /* Views of `memory`; data is NULL if there is none. */
    struct bytes name, message;
    bool has_difference;
    struct bytes path; /* the file that differs; empty: stdout */
    struct difference difference;
    size_t bytes; /* memory of this report, without its transcript */
    uint8_t memory[];
};

/* Returns a report with copies of all views. Takes the transcript, which must be on the heap.
 * Returns NULL when memory is out; the transcript is then untouched. */
struct report *report_new(const struct report *terms);

/* Write the members of a report's JSON that are about the test, not about its run. */
void report_put(const struct report *report, struct json_out *json);

const char *report_verdict_name(enum report_verdict verdict); /* "passed", "wrong", … */

/* Number of reports by verdict. */
struct report_counts {
    uint64_t by_verdict[REPORT_VERDICTS_COUNT];
};
/* Append these numbers as a metric. */
void report_counts_put(const struct report_counts *counts, struct samples *samples);

/* A zeroed summary belongs to an execution without tests. */
struct summary {
    uint32_t tests_count;                   /* tests of the submission; more than 0 */
    uint32_t counts[REPORT_VERDICTS_COUNT]; /* reports so far, by verdict */
    /* the first test, in the order of the tests, that did not pass */
    uint32_t first_index;
    enum report_verdict first_verdict;
    uint64_t slowest_ns, highest_memory_bytes;
};

/* Count one more report, with the time and memory of its run, which are 0 if it did not run. */
void summary_add(struct summary *summary, const struct report *report, uint64_t wall_ns,
                 uint64_t memory_bytes);
/* Write the summary's members. Tests without a report count as not run. */
void summary_put(const struct summary *summary, struct json_out *json);

#endif
