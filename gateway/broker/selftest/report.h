/* report.h - the results of a self-test, check by check: plain data.
 *
 * canary_judge.h fills a report from the canary's output. trial.h adds a check for each limit that
 * a program tried to exceed.
 */
#ifndef MAYFLY_REPORT_H
#define MAYFLY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#define CANARY_CHECKS_MAX 80
#define CANARY_TEXT_MAX 400

struct canary_check {
    char name[48]; /* such as "memory" */
    char expected[CANARY_TEXT_MAX];
    char seen[CANARY_TEXT_MAX]; /* cut to this size; the whole text was compared */
    bool ok;                    /* the box is not weaker */
    bool differs;               /* ok, but not exactly as expected */
};

struct canary_report {
    struct canary_check checks[CANARY_CHECKS_MAX];
    size_t count;
    bool is_gvisor; /* engine and box both say gVisor: the trials (trial.h) must follow */
};

#endif
