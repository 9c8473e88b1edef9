/* canary_job.h - builds the RUN frame of a canary or a trial.
 *
 * Pure.
 */
#ifndef MAYFLY_CANARY_JOB_H
#define MAYFLY_CANARY_JOB_H

#include "broker/selftest/trial.h"
#include "common/config.h"

#define CANARY_OUTPUT_MAX_BYTES ((size_t)64 << 10)
#define CANARY_JOB_MAX_BYTES ((size_t)128 << 10)

/* Append a RUN frame, as a front would send it, with the default limits: of a trial or, if `trial`
 * is NULL, of the canary. Returns false when it does not fit into out, or memory is out. */
bool canary_job_write(const struct config *config, const char *runtime, const enum trial *trial,
                      uint64_t run_id, struct buf *out);

#endif
