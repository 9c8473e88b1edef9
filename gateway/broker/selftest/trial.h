/* trial.h - limits that a box cannot read: a program goes past each, and this judges what became of
 * it.
 *
 * gVisor's kernel shows a box none of its limits: they are the host's, around the sandbox as a
 * whole. So after the look (canary_judge.h) a program goes past each of them, in a box of its own.
 * Three are judged by how far the program came before it was refused, or its box ended. The fourth,
 * of CPU time, is judged from outside: by what the engine has counted for the box meanwhile. Pure.
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

/* Append the arguments of its program, trial.py, to a job's fields. Returns false when out's cap
 * forbids. */
bool trial_put_args(enum trial trial, const struct limits *limits, struct buf *out);

/* Whether a box that was lost in this trial is no accident: the program came so far that the limit
 * may have ended it. */
bool trial_came_far(enum trial trial, const struct limits *limits, struct bytes output);

/* Fill in the check. */
void trial_judge(enum trial trial, const struct limits *limits,
                 const struct trial_evidence *evidence, struct canary_check *check);

#endif
