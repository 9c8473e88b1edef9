/* problem.h - an answer that is an error: application/problem+json (RFC 9457).
 *
 * `type` is "about:blank", so `title` is the status's own phrase; `code` is stable and for
 * programs, `detail` is for people. A 5xx answer to a POST means that the request did not
 * run its program.
 *
 * Pure: a problem in, JSON out.
 */
#ifndef MAYFLY_PROBLEM_H
#define MAYFLY_PROBLEM_H

#include "common/buf.h"
#include "common/error.h"

#define PROBLEM_CONTENT_TYPE "application/problem+json"
#define PROBLEM_MAX_BYTES ((size_t)64 << 10) /* with FIELD_ERRORS_MAX errors */
#define FIELD_ERRORS_MAX 64
/* The detail when an allocation failed. */
#define PROBLEM_NO_MEMORY "The gateway has no memory left for this request."

/* All mistakes in the fields of a request. Those past the maximum are only counted. A zeroed struct
 * is empty. */
struct field_errors {
    size_t count;
    size_t dropped_count;
    struct field_error {
        char field[72]; /* "timeout", "limits.pids", "args[3]", "env.NAME"; a long name is cut */
        char message[88];
    } entries[FIELD_ERRORS_MAX];
};

/* Name the field and say what is wrong with it. */
void field_errors_add(struct field_errors *errors, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct problem {
    int status;
    const char *code;                  /* snake_case */
    const char *detail;                /* NULL: none */
    const struct field_errors *errors; /* NULL: none */
    uint32_t retry_after_s;            /* 0: none */
    const char *allow;                 /* the Allow header of a 405; else NULL */
    uint64_t limit_bytes;              /* of a body or file that is too large; else 0 */
    const char *reason;                /* why a session has ended; NULL: it is about none */
    const char *running;               /* the run that a session is busy with; NULL: none */
};

/* Append the problem as JSON. Returns false, with out unchanged, when it does not fit into out. */
bool problem_write(struct buf *out, const struct problem *problem);

/* Returns the problem for a run that did not start. Its detail is borrowed from `why`. retry_ms is
 * 0 when it is not known. */
struct problem problem_of_error(const struct error *why, uint32_t retry_ms);

/* Returns the Retry-After for a wait: whole seconds, rounded up, at least 1. */
uint32_t problem_seconds(uint64_t ms);

/* The reason phrase of a status that this gateway sends. Never NULL. */
const char *status_phrase(int status);

/* Returns the 422 that names these fields. Borrows errors. */
struct problem problem_of_fields(const struct field_errors *errors);

/* Returns the 413 of a body over the limit. Writes its detail into `detail`, which must live as
 * long as the problem. */
#define PROBLEM_DETAIL_BYTES 80
struct problem problem_too_large(uint64_t limit_bytes, char detail[PROBLEM_DETAIL_BYTES]);

#endif
