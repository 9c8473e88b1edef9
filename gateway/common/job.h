/* job.h - a job: one program with its input and limits.
 *
 * Immutable once parsed. A job travels as the payload of a RUN frame from the front to mayfly-init.
 * The broker reads the scalars and relays the bytes. In a decoded job, every struct bytes is a view
 * into that payload.
 *
 * Knows neither HTTP nor Docker. Ranges here are the limits of the format. Policy (defaults,
 * maxima) is in config.h; front/api/request applies it.
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

/* A container is created with these. Two jobs with the same runtime and limits can use the same
 * shelf. */
struct limits {
    uint64_t memory_bytes;
    uint32_t cpu_millis; /* thousandths of one CPU */
    uint32_t pids;
};

/* How a response presents stdout and stderr: as text, or as exact bytes. */
enum output_encoding { OUTPUT_UTF8, OUTPUT_BASE64 };

struct job {
    char runtime[JOB_RUNTIME_NAME_MAX + 1]; /* [a-z0-9.-]+, "python" */
    char owner[JOB_OWNER_NAME_MAX + 1];     /* a key's name; "" without one */
    char trace_id[JOB_TRACE_ID_LEN + 1];    /* W3C trace context, for logs; "" when none */
    uint32_t timeout_ms;       /* wall-clock time from the program's start; at least 1 */
    uint32_t queue_timeout_ms; /* longest wait for a box; at least 1 */
    /* Most runs of the owner that this run's box may serve in all; 1: it serves this run only. From
     * 1 to JOB_BOX_RUNS_MAX; 0 is written as 1. */
    uint32_t box_runs;
    /* Its box serves no runs of another scope, nor of none: a random number that the front chose;
     * 0: none. The front ends a scope by a CANCEL with this number. */
    uint64_t box_scope;
    struct limits limits;
    uint32_t cpu_time_ms; /* user and system time of all its processes; 0: no limit */
    bool output_merged;   /* stderr goes into stdout, in the order of writing */
    bool is_cell;         /* it runs as a cell of a notebook */
    /* Not 0: its box is a session's, whose id is box_scope. The box ends when it had no run for so
     * long: the session's longest life. Without is_cell such a job runs no program: it writes its
     * files, and reads those that its globs match. Each job of a session has the session's args and
     * environment. */
    uint32_t session_ms;
    /* "": the session must be there. Else the job opens one of this name (session.h), has no cell,
     * and gives all of it: runtime, limits, session_ms and the next two members. The name is 1 to
     * JOB_SESSION_NAME_MAX of [A-Za-z0-9._-]. */
    char session_name[JOB_SESSION_NAME_MAX + 1];
    uint32_t session_idle_ms; /* the session ends when it was idle for so long; at least 1 */
    /* the opener's own, which the broker keeps for each front that connects later; at most
     * JOB_SESSION_RECORD_MAX_BYTES */
    struct bytes session_record;
    /* a session's run: the id by which clients know it, without control characters; "": none */
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
    struct bytes fields; /* decoded: the whole payload, for job_next. Not used in encoding */
};

/* Append the scalars, source and stdin of job as fields; an empty stdin has no field. Follow with
 * job_put_* for the lists. Call all of them between wire_begin and wire_end. Return false when
 * out's cap forbids it. */
bool job_encode(struct buf *out, const struct job *job);
bool job_put_arg(struct buf *out, struct bytes arg);
bool job_put_env(struct buf *out, struct bytes name, struct bytes value);
bool job_put_output_glob(struct buf *out, struct bytes glob);

/* Read a RUN payload. Checks that every field is whole, and that scalars are present and in range.
 * Args, env and paths hold no NUL; an env entry has a name and '='; each path is followed by its
 * content. Fails with ERR_PROTOCOL; *job is then untouched. */
bool job_decode(struct bytes payload, struct job *job, struct error *err);

/* Walk a repeated field of a decoded job in order. Start with *cursor = job->fields. Returns false
 * at the end. After a WIRE_TAG_FILE_PATH, call wire_next on the same cursor: the next field is the
 * content. */
bool job_next(struct bytes *cursor, enum wire_tag tag, struct bytes *value);

bool limits_equal(const struct limits *a, const struct limits *b);

#endif
