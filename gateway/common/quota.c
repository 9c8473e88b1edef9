#include "common/quota.h"

struct quota quota_of_job(const struct job *job)
{
    return (struct quota){
        .stdout_bytes = job->output_bytes,
        .stderr_bytes = job->output_bytes,
        .files_bytes = job->files_bytes,
        .displays_bytes = job->displays_bytes,
        .file_bytes = job->file_bytes,
        .files_count = job->files_bytes > 0 ? QUOTA_ARTIFACTS_MAX : 0,
        .displays_count = job->displays_bytes > 0 ? QUOTA_ARTIFACTS_MAX : 0,
        .errors_count = job->is_cell,
    };
}

bool quota_take_output(struct quota *quota, struct bytes payload, enum wire_stream *stream,
                       struct bytes *data)
{
    if (payload.len == 0 || (payload.data[0] != WIRE_STDOUT && payload.data[0] != WIRE_STDERR))
        return false;
    uint64_t *left_bytes =
        payload.data[0] == WIRE_STDOUT ? &quota->stdout_bytes : &quota->stderr_bytes;
    if (payload.len - 1 > *left_bytes)
        return false;
    *left_bytes -= payload.len - 1;
    *stream = (enum wire_stream)payload.data[0];
    *data = bytes_of(payload.data + 1, payload.len - 1);
    return true;
}

static bool take_error(struct quota *quota, const struct artifact *read, struct artifact *artifact)
{
    if (quota->errors_count == 0 || read->content.len > ARTIFACT_ERROR_MAX_BYTES)
        return false;
    quota->errors_count--;
    *artifact = *read;
    return true;
}

bool quota_take_artifact(struct quota *quota, enum wire_type type, struct bytes payload,
                         struct artifact *artifact)
{
    uint64_t *left_bytes = type == WIRE_FILE ? &quota->files_bytes : &quota->displays_bytes;
    unsigned *left_count = type == WIRE_FILE ? &quota->files_count : &quota->displays_count;
    struct artifact read;
    if (!artifact_decode(type, payload, &read, NULL))
        return false;
    if (artifact_is_error(&read))
        return take_error(quota, &read, artifact);
    if (*left_count == 0 || read.content.len > *left_bytes ||
        (type == WIRE_FILE && read.content.len > quota->file_bytes))
        return false;
    *left_bytes -= read.content.len;
    --*left_count;
    *artifact = read;
    return true;
}

bool quota_take_frame(struct quota *quota, const struct frame *frame)
{
    struct artifact artifact;
    enum wire_stream stream;
    struct bytes data;
    switch (frame->type) {
    case WIRE_OUTPUT:
        return quota_take_output(quota, frame->payload, &stream, &data);
    case WIRE_FILE:
    case WIRE_DISPLAY:
        return quota_take_artifact(quota, frame->type, frame->payload, &artifact);
    case WIRE_RUN:
    case WIRE_CANCEL:
    case WIRE_INTERRUPT:
    case WIRE_READY:
    case WIRE_STATUS:
    case WIRE_PAIRED:
    case WIRE_STARTED:
    case WIRE_END:
    case WIRE_REFUSED:
    case WIRE_RUNTIMES:
    case WIRE_GONE:
    case WIRE_SESSION:
        break;
    }
    return true;
}
