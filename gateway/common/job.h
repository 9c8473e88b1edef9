/* job.h - what is asked: one program with its input and limits.
 *
 * Immutable once parsed. A job travels as the payload of a RUN frame from the front to mayfly-init;
 * the broker reads the scalars and relays the bytes. Every struct bytes in a decoded job is lent by
 * that payload.
 *
 * Knows neither HTTP nor Docker. Ranges here are physics (what the format can hold); policy
 * (defaults, maxima) is config.h's and is applied in front/api/request.
 */
#ifndef MAYFLY_JOB_H
#define MAYFLY_JOB_H

#include "common/error.h"
#include "common/wire.h"

#define JOB_RUNTIME_NAME_MAX 31
#define JOB_OWNER_NAME_MAX 63
#define JOB_TRACE_ID_LEN 32

/* The container is made with these. Two jobs whose runtime and limits are equal can use the same
 * shelf. */
struct limits {
    uint64_t memory_bytes;
    uint32_t cpu_millis; /* thousandths of one CPU */
    uint32_t pids;
};

/* How the bytes of stdout and stderr are shown to whoever asked: as text, or exactly. */
enum output_encoding { OUTPUT_UTF8, OUTPUT_BASE64 };

struct job {
    char runtime[JOB_RUNTIME_NAME_MAX + 1]; /* [a-z0-9.-]+, "python" */
    char owner[JOB_OWNER_NAME_MAX + 1];     /* "" when nobody's in particular */
    char trace_id[JOB_TRACE_ID_LEN + 1];    /* of W3C trace context, for logs; "" when none */
    uint32_t timeout_ms;                    /* wall clock, from the program's start; 1 or more */
    uint32_t queue_timeout_ms;              /* longest wait for a box; 1 or more */
    struct limits limits;
    uint32_t cpu_time_ms;    /* user and system time of all its processes; 0: no limit */
    bool output_merged;      /* one stream, in the order of writing: all of it is stdout's */
    bool line_buffered;      /* Python flushes stdout at each newline, as on a terminal */
    uint64_t output_bytes;   /* cap of each stream; 1 or more */
    uint64_t files_bytes;    /* cap of all output files together; 0: none are sent */
    uint64_t file_bytes;     /* cap of each */
    uint64_t displays_bytes; /* cap of all displays together; 0: none are sent */
    struct bytes source;     /* 1 byte or more */
    struct bytes stdin_data;
    struct bytes fields; /* decoded: the whole payload, for job_next. Not used in encoding */
};

/* Append the scalars, source and stdin of job as fields, without a field for an empty stdin. Follow
 * with job_put_* for the lists; all
 * between wire_begin and wire_end. False when out's cap forbids. */
bool job_encode(struct buf *out, const struct job *job);
bool job_put_arg(struct buf *out, struct bytes arg);
bool job_put_env(struct buf *out, struct bytes name, struct bytes value);
bool job_put_file(struct buf *out, struct bytes path, struct bytes content);
bool job_put_output_glob(struct buf *out, struct bytes glob);

/* Read a RUN payload. Checks that every field is whole, that scalars are present and in range, that
 * args, env and paths hold no NUL, that env entries have a name and '=', and that each path is
 * followed by its content. Fails with ERR_PROTOCOL; *job is then untouched. */
bool job_decode(struct bytes payload, struct job *job, struct error *err);

/* Walk a repeated field of a decoded job in order: start with *cursor = job->fields. False at the
 * end. For WIRE_TAG_FILE_PATH, the content is the very next field: call wire_next on the same
 * cursor. */
bool job_next(struct bytes *cursor, enum wire_tag tag, struct bytes *value);

bool limits_equal(const struct limits *a, const struct limits *b);

#endif
