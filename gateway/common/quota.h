/* quota.h - how many more bytes a run may send: of each stream, of output files and of displays.
 *
 * mayfly-init enforces these caps where the bytes arise. Broker and front count again, because
 * neither trusts the process below. Pure: knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_QUOTA_H
#define MAYFLY_QUOTA_H

#include "common/artifact.h"
#include "common/job.h"

#define QUOTA_ARTIFACTS_MAX 256 /* the largest number of output files, and of displays, of a run */

/* All members but file_bytes count what is still allowed. */
struct quota {
    uint64_t stdout_bytes, stderr_bytes;
    uint64_t files_bytes, displays_bytes;
    uint64_t file_bytes; /* cap of one file; does not change */
    unsigned files_count, displays_count;
    unsigned errors_count; /* exceptions that end a cell (artifact.h) */
};

/* Returns the initial quota of a job. If the job caps files or displays at 0 bytes, not even an
 * empty file or display is allowed. */
struct quota quota_of_job(const struct job *job);

/* Charge an OUTPUT frame's payload. Sets *data to its bytes without the stream number. Returns
 * false, with nothing charged, when the payload is malformed or exceeds the quota. */
bool quota_take_output(struct quota *quota, struct bytes payload, enum wire_stream *stream,
                       struct bytes *data);
/* Charge a FILE or DISPLAY frame's payload in the same way. */
bool quota_take_artifact(struct quota *quota, enum wire_type type, struct bytes payload,
                         struct artifact *artifact);

/* Charge any frame of a run. Frames other than OUTPUT, FILE and DISPLAY cost nothing. */
bool quota_take_frame(struct quota *quota, const struct frame *frame);

#endif
