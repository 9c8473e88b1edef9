/* problem.h - an answer that is an error: application/problem+json (RFC 9457).
 *
 * `type` is "about:blank", so `title` is the status's own phrase; `code` is stable and for
 * programs, `detail` is for people. A 5xx always means that the program did not run.
 *
 * Pure: a problem in, JSON out.
 */
#ifndef MAYFLY_PROBLEM_H
#define MAYFLY_PROBLEM_H

#include "common/buf.h"
#include "common/error.h"

#define PROBLEM_CONTENT_TYPE "application/problem+json"
#define PROBLEM_MAX_BYTES ((size_t)64 << 10) /* with as many errors as there may be */
#define FIELD_ERRORS_MAX 64
/* The detail of a request that an allocation failed for. */
#define PROBLEM_NO_MEMORY "The gateway has no memory left for this request."

/* All the mistakes in a request's fields; past the maximum they are only counted. Zero-initialised
 * is empty. */
struct field_errors {
    size_t count;
    size_t dropped_count;
    struct field_error {
        char
            field[72]; /* "timeout", "limits.pids", "args[3]", "env.NAME"; too long a name is cut */
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
    uint64_t limit_bytes;              /* of a body that is too large; else 0 */
};

/* Append the problem's JSON. False, and out unchanged, when out's cap forbids. */
bool problem_write(struct buf *out, const struct problem *problem);

/* The problem that a run which did not start ends in. Its detail is lent by `why`. retry_ms 0: it
 * is not known. */
struct problem problem_of_error(const struct error *why, uint32_t retry_ms);

/* The value of Retry-After for a wait: whole seconds, rounded up, at least 1. */
uint32_t problem_seconds(uint64_t ms);

/* The reason phrase of a status that this gateway sends. Never NULL. */
const char *status_phrase(int status);

/* The 422 of a request with these fields, which are lent. */
struct problem problem_of_fields(const struct field_errors *errors);

/* The 413 of a body over the limit. Its detail is written into `detail`, which must last as long as
 * the problem. */
#define PROBLEM_DETAIL_BYTES 80
struct problem problem_too_large(uint64_t limit_bytes, char detail[PROBLEM_DETAIL_BYTES]);

#endif
