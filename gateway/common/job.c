#include "common/job.h"

#include <string.h>

bool limits_equal(const struct limits *a, const struct limits *b)
{
    return a->memory_bytes == b->memory_bytes && a->cpu_millis == b->cpu_millis &&
           a->pids == b->pids;
}

static bool encode_opening(struct buf *out, const struct job *job)
{
    return wire_put(out, WIRE_TAG_SESSION_NAME, job->session_name, strlen(job->session_name)) &&
           wire_put_u64(out, WIRE_TAG_SESSION_IDLE_MS, job->session_idle_ms) &&
           wire_put(out, WIRE_TAG_SESSION_RECORD, job->session_record.data,
                    job->session_record.len);
}

static bool encode_session(struct buf *out, const struct job *job)
{
    return wire_put_u64(out, WIRE_TAG_SESSION_MS, job->session_ms) &&
           wire_put(out, WIRE_TAG_EXECUTION, job->execution, strlen(job->execution)) &&
           wire_put_u64(out, WIRE_TAG_TAKES_TURN, job->takes_turn) &&
           (!job->session_name[0] || encode_opening(out, job));
}

bool job_encode(struct buf *out, const struct job *job)
{
    size_t before = out->len;
    bool ok = wire_put(out, WIRE_TAG_RUNTIME, job->runtime, strlen(job->runtime)) &&
              wire_put(out, WIRE_TAG_OWNER, job->owner, strlen(job->owner)) &&
              wire_put(out, WIRE_TAG_TRACE_ID, job->trace_id, strlen(job->trace_id)) &&
              wire_put_u64(out, WIRE_TAG_TIMEOUT_MS, job->timeout_ms) &&
              wire_put_u64(out, WIRE_TAG_QUEUE_TIMEOUT_MS, job->queue_timeout_ms) &&
              wire_put_u64(out, WIRE_TAG_BOX_RUNS, job->box_runs ? job->box_runs : 1) &&
              (job->box_scope == 0 || wire_put_u64(out, WIRE_TAG_BOX_SCOPE, job->box_scope)) &&
              wire_put_u64(out, WIRE_TAG_MEMORY_BYTES, job->limits.memory_bytes) &&
              wire_put_u64(out, WIRE_TAG_CPU_MILLIS, job->limits.cpu_millis) &&
              wire_put_u64(out, WIRE_TAG_PIDS, job->limits.pids) &&
              wire_put_u64(out, WIRE_TAG_CPU_TIME_MS, job->cpu_time_ms) &&
              wire_put_u64(out, WIRE_TAG_OUTPUT_MERGED, job->output_merged) &&
              wire_put_u64(out, WIRE_TAG_LINE_BUFFERED, job->line_buffered) &&
              (!job->is_cell || wire_put_u64(out, WIRE_TAG_CELL, 1)) &&
              (!job->session_ms || encode_session(out, job)) &&
              (!job->keeps_box || wire_put_u64(out, WIRE_TAG_RUN_KEEP, 1)) &&
              wire_put_u64(out, WIRE_TAG_OUTPUT_BYTES, job->output_bytes) &&
              wire_put_u64(out, WIRE_TAG_FILES_BYTES, job->files_bytes) &&
              wire_put_u64(out, WIRE_TAG_FILE_BYTES, job->file_bytes) &&
              wire_put_u64(out, WIRE_TAG_DISPLAYS_BYTES, job->displays_bytes) &&
              wire_put(out, WIRE_TAG_SOURCE, job->source.data, job->source.len) &&
              (job->stdin_data.len == 0 ||
               wire_put(out, WIRE_TAG_STDIN, job->stdin_data.data, job->stdin_data.len));
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

bool job_put_arg(struct buf *out, struct bytes arg)
{
    return wire_put(out, WIRE_TAG_ARG, arg.data, arg.len);
}

bool job_put_env(struct buf *out, struct bytes name, struct bytes value)
{
    size_t before = out->len;
    bool ok = wire_put(out, WIRE_TAG_ENV, name.data, name.len);
    if (ok) {
        /* An entry is one field, NAME=value. Append the value to the field just written, and
         * correct its length. */
        ok = buf_append(out, "=", 1) && buf_append(out, value.data, value.len);
        size_t len = name.len + 1 + value.len;
        uint8_t *length = out->data + out->start + before + 2;
        for (size_t i = 0; ok && i < 4; i++)
            length[i] = (uint8_t)(len >> (8 * (3 - i)));
    }
    if (!ok)
        buf_truncate(out, before);
    return ok;
}

bool job_put_output_glob(struct buf *out, struct bytes glob)
{
    return wire_put(out, WIRE_TAG_OUTPUT_GLOB, glob.data, glob.len);
}

/* ---- decoding ---- */

static bool has_nul(struct bytes value)
{
    return value.len != 0 && memchr(value.data, 0, value.len) != NULL;
}

static bool is_env_entry(struct bytes value)
{
    return value.len != 0 && !has_nul(value) && value.data[0] != '=' &&
           memchr(value.data, '=', value.len) != NULL;
}

static bool copy_name(char *to, size_t size, struct bytes value)
{
    if (value.len >= size || has_nul(value))
        return false;
    memcpy(to, value.data, value.len);
    to[value.len] = '\0';
    return true;
}

static bool is_runtime_name(const char *name)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    return name[0] != '\0' && strspn(name, characters) == strlen(name);
}

bool job_is_session_name(struct bytes text)
{
    static const char first[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char other[] = "._-";
    if (text.len == 0 || text.len > JOB_SESSION_NAME_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int c = text.data[i];
        if (c == 0 || (!strchr(first, c) && (i == 0 || !strchr(other, c))))
            return false;
    }
    return true;
}

static bool is_printable(const char *text)
{
    while (*text > ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

static bool get_u32_or_zero(struct bytes value, uint32_t *number)
{
    uint64_t wide;
    if (!wire_get_u64(value, &wide) || wide > UINT32_MAX)
        return false;
    *number = (uint32_t)wide;
    return true;
}

static bool get_u32(struct bytes value, uint32_t *number)
{
    return get_u32_or_zero(value, number) && *number != 0;
}

static bool get_bool(struct bytes value, bool *is_set)
{
    uint64_t wide;
    if (!wire_get_u64(value, &wide) || wide > 1)
        return false;
    *is_set = wide == 1;
    return true;
}

/* Read a field that only a session's job has. Skips tags of other frames and later versions.
 * Returns false when the value is out of range. */
static bool take_session_field(struct job *job, uint16_t tag, struct bytes value)
{
    switch (tag) {
    case WIRE_TAG_SESSION_MS:
        return get_u32(value, &job->session_ms);
    case WIRE_TAG_SESSION_NAME:
        return job_is_session_name(value) &&
               copy_name(job->session_name, sizeof job->session_name, value);
    case WIRE_TAG_SESSION_IDLE_MS:
        return get_u32(value, &job->session_idle_ms);
    case WIRE_TAG_SESSION_RECORD:
        job->session_record = value;
        return value.len <= JOB_SESSION_RECORD_MAX_BYTES;
    case WIRE_TAG_EXECUTION:
        return copy_name(job->execution, sizeof job->execution, value) &&
               is_printable(job->execution);
    case WIRE_TAG_TAKES_TURN:
        return get_bool(value, &job->takes_turn);
    default:
        return true;
    }
}

/* Read one field that is not part of a pair into job. Returns false when the value is out of
 * range. */
static bool take_field(struct job *job, uint16_t tag, struct bytes value)
{
    switch (tag) {
    case WIRE_TAG_RUNTIME:
        return copy_name(job->runtime, sizeof job->runtime, value) && is_runtime_name(job->runtime);
    case WIRE_TAG_OWNER:
        return copy_name(job->owner, sizeof job->owner, value);
    case WIRE_TAG_TRACE_ID:
        return copy_name(job->trace_id, sizeof job->trace_id, value);
    case WIRE_TAG_TIMEOUT_MS:
        return get_u32(value, &job->timeout_ms);
    case WIRE_TAG_QUEUE_TIMEOUT_MS:
        return get_u32(value, &job->queue_timeout_ms);
    case WIRE_TAG_BOX_RUNS:
        return get_u32(value, &job->box_runs) && job->box_runs <= JOB_BOX_RUNS_MAX;
    case WIRE_TAG_BOX_SCOPE:
        return wire_get_u64(value, &job->box_scope);
    case WIRE_TAG_MEMORY_BYTES:
        return wire_get_u64(value, &job->limits.memory_bytes) && job->limits.memory_bytes != 0;
    case WIRE_TAG_CPU_MILLIS:
        return get_u32(value, &job->limits.cpu_millis);
    case WIRE_TAG_PIDS:
        return get_u32(value, &job->limits.pids);
    case WIRE_TAG_CPU_TIME_MS:
        return get_u32_or_zero(value, &job->cpu_time_ms);
    case WIRE_TAG_OUTPUT_MERGED:
        return get_bool(value, &job->output_merged);
    case WIRE_TAG_LINE_BUFFERED:
        return get_bool(value, &job->line_buffered);
    case WIRE_TAG_CELL:
        return get_bool(value, &job->is_cell);
    case WIRE_TAG_RUN_KEEP:
        return get_bool(value, &job->keeps_box);
    case WIRE_TAG_OUTPUT_BYTES:
        return wire_get_u64(value, &job->output_bytes) && job->output_bytes != 0;
    case WIRE_TAG_FILES_BYTES:
        return wire_get_u64(value, &job->files_bytes);
    case WIRE_TAG_FILE_BYTES:
        return wire_get_u64(value, &job->file_bytes);
    case WIRE_TAG_DISPLAYS_BYTES:
        return wire_get_u64(value, &job->displays_bytes);
    case WIRE_TAG_SOURCE:
        job->source = value;
        return value.len != 0;
    case WIRE_TAG_STDIN:
        job->stdin_data = value;
        return true;
    case WIRE_TAG_ARG:
    case WIRE_TAG_OUTPUT_GLOB:
    case WIRE_TAG_FILE_REMOVE:
        return !has_nul(value);
    case WIRE_TAG_ENV:
        return is_env_entry(value);
    case WIRE_TAG_FILE_CONTENT:
        return false; /* its path is missing */
    default:
        return take_session_field(job, tag, value);
    }
}

/* A job that opens a session gives all of it. */
static bool may_open(const struct job *job)
{
    return job->session_name[0] == '\0' ||
           (job->session_ms && job->session_idle_ms && job->box_scope && !job->is_cell);
}

static bool is_complete(const struct job *job)
{
    return job->runtime[0] != '\0' && job->timeout_ms && job->queue_timeout_ms &&
           job->limits.memory_bytes && job->limits.cpu_millis && job->limits.pids &&
           job->output_bytes && job->source.len != 0 && may_open(job);
}

bool job_decode(struct bytes payload, struct job *job, struct error *err)
{
    struct job read = {.box_runs = 1, .fields = payload};
    struct bytes rest = payload;
    uint16_t tag;
    struct bytes value;
    while (wire_next(&rest, &tag, &value)) {
        bool ok;
        if (tag == WIRE_TAG_FILE_PATH)
            ok = value.len != 0 && !has_nul(value) && wire_next(&rest, &tag, &value) &&
                 tag == WIRE_TAG_FILE_CONTENT;
        else
            ok = take_field(&read, tag, value);
        if (!ok)
            return error_set(err, ERR_PROTOCOL, "run frame: field %u is out of range",
                             (unsigned)tag);
    }
    if (rest.len != 0)
        return error_set(err, ERR_PROTOCOL, "run frame: a field is cut off");
    if (!is_complete(&read))
        return error_set(err, ERR_PROTOCOL, "run frame: a field is missing");
    *job = read;
    return true;
}

bool job_next(struct bytes *cursor, enum wire_tag tag, struct bytes *value)
{
    uint16_t seen;
    while (wire_next(cursor, &seen, value)) {
        if (seen == tag)
            return true;
    }
    return false;
}
