/* problem.h - an error as an answer: application/problem+json (RFC 9457).
 *
 * `type` is "about:blank", so `title` is just the status's phrase. `code` is for programs and never
 * changes; `detail` is for people. If a POST is answered with 5xx, its program did not run.
 *
 * Pure.
 */
#ifndef MAYFLY_PROBLEM_H
#define MAYFLY_PROBLEM_H

#include "common/buf.h"
#include "common/error.h"

#define PROBLEM_CONTENT_TYPE "application/problem+json"
#define PROBLEM_MAX_BYTES ((size_t)64 << 10) /* including FIELD_ERRORS_MAX field errors */
#define FIELD_ERRORS_MAX 64
/* The detail when memory is out. */
#define PROBLEM_NO_MEMORY "The gateway has no memory left for this request."

/* All mistakes in a request's fields. Those above the maximum are only counted. A zeroed struct is
 * empty. */
struct field_errors {
    size_t count;
    size_t dropped_count;
    struct field_error {
        /* such as "timeout", "limits.pids", "args[3]", "env.NAME"; a long name is cut */
        char field[72];
        char message[88];
    } entries[FIELD_ERRORS_MAX];
};

/* Add a mistake: the field and what is wrong with it. */
void field_errors_add(struct field_errors *errors, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct problem {
    int status;
    const char *code;                  /* snake_case */
    const char *detail;                /* NULL: none */
    const struct field_errors *errors; /* NULL: none */
    uint32_t retry_after_s;            /* 0: none */
    const char *allow;                 /* for a 405: the Allow header; else NULL */
    uint64_t limit_bytes;              /* for a body or file that is too large: the limit; else 0 */
    const char *reason;                /* for an ended session: why it has ended; else NULL */
    /* for a busy session: the id of the run that uses it; NULL: none */
    const char *running;
};

/* The 500 when memory is out. */
extern const struct problem problem_no_memory;

/* Append the problem as JSON. Returns false, with out unchanged, if out's cap is too small. */
bool problem_write(struct buf *out, const struct problem *problem);

/* Returns the problem for a run that did not start. Its detail is borrowed from `why`. retry_ms is
 * 0 if unknown. */
struct problem problem_of_error(const struct error *why, uint32_t retry_ms);

/* Returns the value of Retry-After: whole seconds, rounded up, at least 1. */
uint32_t problem_seconds(uint64_t ms);

/* Returns the reason phrase of a status that this gateway sends. Never NULL. */
const char *status_phrase(int status);

/* Returns a 422 with these field errors. Borrows errors. */
struct problem problem_of_fields(const struct field_errors *errors);

/* Returns a 413 for a body above the limit. Writes its detail into `detail`, which must live as
 * long as the problem. */
#define PROBLEM_DETAIL_BYTES 80
struct problem problem_too_large(uint64_t limit_bytes, char detail[PROBLEM_DETAIL_BYTES]);

#endif
