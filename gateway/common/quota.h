/* quota.h - what a run may still send: each stream, its output files, its displays.
 *
 * mayfly-init holds a run to these caps at the source. The broker and the front count again, since
 * neither trusts what speaks to it. Pure: knows neither HTTP nor Docker.
 */
#ifndef MAYFLY_QUOTA_H
#define MAYFLY_QUOTA_H

#include "common/artifact.h"
#include "common/job.h"

#define QUOTA_ARTIFACTS_MAX 256 /* output files, and displays, of one run */

/* Each number is what is left. */
struct quota {
    uint64_t stdout_bytes, stderr_bytes;
    uint64_t files_bytes, displays_bytes;
    uint64_t file_bytes; /* of one file: the same for each */
    unsigned files_count, displays_count;
};

/* Returns what the job allows. Where it caps artifacts at 0 bytes, none may come, not even an empty
 * one. */
struct quota quota_of_job(const struct job *job);

/* Take an OUTPUT's payload off, data being its bytes without the stream's number. False, and
 * nothing is taken, when it is malformed or does not fit. */
bool quota_take_output(struct quota *quota, struct bytes payload, enum wire_stream *stream,
                       struct bytes *data);
/* The same for a FILE's or DISPLAY's. */
bool quota_take_artifact(struct quota *quota, enum wire_type type, struct bytes payload,
                         struct artifact *artifact);

/* The same for any frame of a run: one that is neither OUTPUT nor artifact always fits. */
bool quota_take_frame(struct quota *quota, const struct frame *frame);

#endif
