/* trial.h - tests the limits that a box cannot see: a program tries to exceed each of them, and the
 * result is judged here.
 *
 * In gVisor, a box does not see its limits, because the host enforces them around the whole
 * sandbox. So after the canary (canary_judge.h), a program tries to exceed each limit, each time in
 * a new box. Three limits are judged by how far the program came before it was refused or its box
 * ended. The fourth, CPU time, is judged by the engine's counters. Pure.
 */
#ifndef MAYFLY_TRIAL_H
#define MAYFLY_TRIAL_H

#include "broker/selftest/gauge.h"
#include "broker/selftest/report.h"
#include "common/outcome.h"

enum trial { TRIAL_MEMORY, TRIAL_PROCESSES, TRIAL_THREADS, TRIAL_CPU, TRIALS_COUNT };

struct trial_evidence {
    struct bytes output; /* of the program */
    enum verdict verdict;
    struct gauge_reading usage; /* only for TRIAL_CPU */
};

/* Append the arguments of trial.py as fields of a job. Returns false when they do not fit into
 * out. */
bool trial_put_args(enum trial trial, const struct limits *limits, struct buf *out);

/* Returns true if a program whose box was lost had used so much that the limit may be the reason
 * for the loss. */
bool trial_came_far(enum trial trial, const struct limits *limits, struct bytes output);

/* Fill *check with the result. */
void trial_judge(enum trial trial, const struct limits *limits,
                 const struct trial_evidence *evidence, struct canary_check *check);

#endif
