/* trial.h - tests the limits that a box cannot read: a program tries to exceed each, and this
 * judges the result.
 *
 * gVisor's kernel shows a box none of its limits, because the host enforces them around the sandbox
 * as a whole. So after the look (canary_judge.h), a program tries to exceed each limit, in a box of
 * its own. Three limits are judged by how far the program came before it was refused or its box
 * ended. The fourth, CPU time, is judged from outside, by the engine's counts for the box. Pure.
 */
#ifndef MAYFLY_TRIAL_H
#define MAYFLY_TRIAL_H

#include "broker/selftest/gauge.h"
#include "broker/selftest/report.h"
#include "common/outcome.h"

enum trial { TRIAL_MEMORY, TRIAL_PROCESSES, TRIAL_THREADS, TRIAL_CPU, TRIALS_COUNT };

struct trial_evidence {
    struct bytes output; /* the program's */
    enum verdict verdict;
    struct gauge_reading usage; /* of TRIAL_CPU alone */
};

/* Append the arguments of the program, trial.py, to the fields of a job. Returns false when they do
 * not fit into out. */
bool trial_put_args(enum trial trial, const struct limits *limits, struct buf *out);

/* Did the program of a lost box come so far that the limit may have ended it? Then the loss is no
 * accident. */
bool trial_came_far(enum trial trial, const struct limits *limits, struct bytes output);

/* Fill in the check. */
void trial_judge(enum trial trial, const struct limits *limits,
                 const struct trial_evidence *evidence, struct canary_check *check);

#endif
