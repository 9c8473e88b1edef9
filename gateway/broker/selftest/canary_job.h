/* canary_job.h - the RUN frame of a canary: of the look, or of one of the trials.
 *
 * Pure.
 */
#ifndef MAYFLY_CANARY_JOB_H
#define MAYFLY_CANARY_JOB_H

#include "broker/selftest/trial.h"
#include "common/config.h"

#define CANARY_OUTPUT_MAX_BYTES ((size_t)64 << 10)
#define CANARY_JOB_MAX_BYTES ((size_t)128 << 10)

/* Append a job as a front would send it, with the default limits: of a trial, or of the look if
 * `trial` is NULL. Returns false when it does not fit into out, or memory is out. */
bool canary_job_write(const struct config *config, const char *runtime, const enum trial *trial,
                      uint64_t run_id, struct buf *out);

#endif
