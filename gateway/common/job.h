/* job.h - a job: one program with its input and limits.
 *
 * A job is the payload of a RUN frame, which travels from the front to mayfly-init. The broker
 * reads its scalars and passes the bytes on. In a decoded job, every struct bytes is a view into
 * that payload. A job does not change after it was decoded.
 *
 * Knows neither HTTP nor Docker. The ranges here are those of the format. Defaults and maxima are
 * settings (config.h); front/api/request applies them.
 */
#ifndef MAYFLY_JOB_H
#define MAYFLY_JOB_H

#include "common/error.h"
#include "common/wire.h"

#define JOB_RUNTIME_NAME_MAX 31
#define JOB_OWNER_NAME_MAX 63
#define JOB_TRACE_ID_LEN 32
#define JOB_BOX_RUNS_MAX 1000
#define JOB_SESSION_NAME_MAX 64
#define JOB_EXECUTION_MAX 32
#define JOB_SESSION_RECORD_MAX_BYTES ((size_t)64 << 10)

/* The limits that a container is created with. Runs with the same runtime and limits share a
 * shelf. */
struct limits {
    uint64_t memory_bytes;
    uint32_t cpu_millis; /* thousandths of one CPU */
    uint32_t pids;
};

/* How a response presents stdout and stderr: as text, or as exact bytes. */
enum output_encoding { OUTPUT_UTF8, OUTPUT_BASE64 };

struct job {
    char runtime[JOB_RUNTIME_NAME_MAX + 1]; /* [a-z0-9.-]+, such as "python" */
    char owner[JOB_OWNER_NAME_MAX + 1];     /* the API key's name; "" if none is configured */
    char trace_id[JOB_TRACE_ID_LEN + 1];    /* W3C trace context, for logs; "" when none */
    uint32_t timeout_ms;       /* wall-clock time from the program's start; at least 1 */
    uint32_t queue_timeout_ms; /* longest wait for a box; at least 1 */
    /* Most runs that this run's box may serve in all, each of the same owner. 1: only this run.
     * From 1 to JOB_BOX_RUNS_MAX; 0 is encoded as 1. */
    uint32_t box_runs;
    /* A random number that the front chose, or 0. A box serves only runs with the same number. The
     * front sends a CANCEL with this number when it has no further run for such boxes. */
    uint64_t box_scope;
    struct limits limits;
    uint32_t cpu_time_ms; /* user and system time of all its processes; 0: no limit */
    bool output_merged;   /* stderr goes into stdout, in the order of writing */
    bool is_cell;         /* it runs as a cell of a notebook */
    /* Not 0: the job belongs to the session with the id box_scope, and this is the session's
     * longest life. If no run comes for this long, init ends the box. Without is_cell, such a job
     * runs no program: it writes its files, and reads the files that its globs match. Each job of a
     * session has the session's args and environment. */
    uint32_t session_ms;
    /* "": the session must be live. Otherwise the job opens a session of this name (session.h), and
     * has no cell. Its runtime, limits, session_ms and the next two members become those of the
     * session. The name is 1 to JOB_SESSION_NAME_MAX of [A-Za-z0-9._-]. */
    char session_name[JOB_SESSION_NAME_MAX + 1];
    uint32_t session_idle_ms; /* the session ends after being idle for this long; at least 1 */
    /* bytes of the front that opens the session; the broker keeps them for fronts that connect
     * later; at most JOB_SESSION_RECORD_MAX_BYTES */
    struct bytes session_record;
    /* in a session, the id by which clients know the run, without control characters; "": none */
    char execution[JOB_EXECUTION_MAX + 1];
    bool takes_turn;    /* while the session is busy, the run waits, for queue_timeout_ms at most */
    bool line_buffered; /* Python flushes stdout at each newline, as on a terminal */
    bool keeps_box;     /* the box may serve another run of the same owner after this one */
    uint64_t output_bytes;   /* cap of each stream; at least 1 */
    uint64_t files_bytes;    /* cap of all output files together; 0: none are sent */
    uint64_t file_bytes;     /* cap of each file */
    uint64_t displays_bytes; /* cap of all displays together; 0: none are sent */
    struct bytes source;     /* at least 1 byte */
    struct bytes stdin_data;
    /* in a decoded job: the whole payload, for job_next. Not used in encoding */
    struct bytes fields;
};

/* Append the scalars, source and stdin of job as fields; an empty stdin is left out. Then call
 * job_put_* for each entry of the lists. All calls are between wire_begin and wire_end. Return
 * false if out's cap is too small. */
bool job_encode(struct buf *out, const struct job *job);
bool job_put_arg(struct buf *out, struct bytes arg);
bool job_put_env(struct buf *out, struct bytes name, struct bytes value);
bool job_put_output_glob(struct buf *out, struct bytes glob);

/* Read the payload of a RUN frame. Requires every scalar, in its range. Refuses a NUL in args, env
 * and paths, an env entry without a name or '=', and a path without content. Fails with
 * ERR_PROTOCOL; *job is then untouched. */
bool job_decode(struct bytes payload, struct job *job, struct error *err);

/* Iterate over a repeated field of a decoded job. Start with *cursor = job->fields. Returns false
 * at the end. After a WIRE_TAG_FILE_PATH, call wire_next on the same cursor to get the file's
 * content. */
bool job_next(struct bytes *cursor, enum wire_tag tag, struct bytes *value);

/* Returns true if the text can be a session's name, which is its id for clients: 1 to
 * JOB_SESSION_NAME_MAX letters, digits, '.', '_' and '-', and a letter or digit first. */
bool job_is_session_name(struct bytes text);

bool limits_equal(const struct limits *a, const struct limits *b);

#endif
