/* report.h - the result of one test of a submission, and of all tests together.
 *
 * A report of a test that ran has the transcript of its run, shortened to what the client asked
 * for; transcript.c frees it. Pure.
 */
#ifndef MAYFLY_REPORT_H
#define MAYFLY_REPORT_H

#include "common/json.h"
#include "common/sample.h"
#include "front/runs/comparison.h"

#define REPORTS_MAX 1000 /* tests of a submission */

enum report_verdict {
    REPORT_PASSED,
    REPORT_WRONG,   /* it succeeded, but not with what was expected */
    REPORT_ERROR,   /* this was the status of its run */
    REPORT_TIMEOUT, /* the same */
    REPORT_FAILED,  /* the same; or its run ended, but could not be judged */
    REPORT_NOT_RUN, /* `reason` says why */
    REPORT_VERDICTS_COUNT,
};

struct transcript;

struct report {
    struct report *next;           /* in the order in which they came; NULL: the last */
    struct report *by_index;       /* in the order of their tests */
    struct transcript *transcript; /* of its run, which has ended; NULL: it did not run */
    uint32_t index;                /* of the test in its submission, from 0 */
    enum report_verdict verdict;
    const char *reason; /* of NOT_RUN; static */
    /* Views of `memory`; data is NULL where there is none. */
    struct bytes name, message;
    bool has_difference;
    struct bytes path; /* the file that differs; none: stdout */
    struct difference difference;
    size_t bytes; /* in memory, without the transcript */
    uint8_t memory[];
};

/* A copy of all views, without the links. It takes the transcript, which is on the heap. NULL on no
 * memory; the transcript is then untouched. */
struct report *report_new(const struct report *terms);

/* Put the members of its JSON that are not its run's. */
void report_put(const struct report *report, struct json_out *json);

const char *report_verdict_name(enum report_verdict verdict); /* "passed", "wrong", … */

/* Reports by their verdicts. */
struct report_counts {
    uint64_t by_verdict[REPORT_VERDICTS_COUNT];
};
/* Put their metric. */
void report_counts_put(const struct report_counts *counts, struct samples *samples);

/* A zeroed summary is that of an execution without tests. */
struct summary {
    uint32_t tests_count;                   /* of the submission; more than 0 */
    uint32_t counts[REPORT_VERDICTS_COUNT]; /* of the reports so far */
    /* of the first test, by its index, that did not pass */
    uint32_t first_index;
    enum report_verdict first_verdict;
    uint64_t slowest_ns, highest_memory_bytes;
};

/* Count one more report, with the time and memory of its run; 0 if it did not run. */
void summary_add(struct summary *summary, const struct report *report, uint64_t wall_ns,
                 uint64_t memory_bytes);
/* Put its members. Tests without a report have not run. */
void summary_put(const struct summary *summary, struct json_out *json);

#endif
