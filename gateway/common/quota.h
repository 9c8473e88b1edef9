/* quota.h - how much a run may still send: each stream, its output files, its displays.
 *
 * mayfly-init holds a run to these caps at the source. The broker and the front count again, since
 * neither trusts its peer. Pure: knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_QUOTA_H
#define MAYFLY_QUOTA_H

#include "common/artifact.h"
#include "common/job.h"

#define QUOTA_ARTIFACTS_MAX 256 /* for a run's output files, and for its displays */

/* Each number is what remains. */
struct quota {
    uint64_t stdout_bytes, stderr_bytes;
    uint64_t files_bytes, displays_bytes;
    uint64_t file_bytes; /* cap of one file; does not change */
    unsigned files_count, displays_count;
    unsigned errors_count; /* exceptions that have ended a cell (artifact.h) */
};

/* Returns the quota of a job. Where the job caps artifacts at 0 bytes, none is allowed, not even an
 * empty one. */
struct quota quota_of_job(const struct job *job);

/* Charge an OUTPUT. Sets *data to its bytes without the stream's number. Returns false, with
 * nothing charged, when the payload is malformed or does not fit. */
bool quota_take_output(struct quota *quota, struct bytes payload, enum wire_stream *stream,
                       struct bytes *data);
/* Charge a FILE or DISPLAY in the same way. */
bool quota_take_artifact(struct quota *quota, enum wire_type type, struct bytes payload,
                         struct artifact *artifact);

/* Charge any frame of a run. A frame that is neither OUTPUT nor artifact always fits. */
bool quota_take_frame(struct quota *quota, const struct frame *frame);

#endif
