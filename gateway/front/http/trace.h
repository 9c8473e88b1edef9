/* trace.h - by what a request is known across systems: X-Request-Id, and the trace id of a W3C
 * traceparent.
 *
 * Both are the client's words, so only what has the right form is taken up: it goes into logs and
 * headers. Pure but for the random bytes of a new id.
 */
#ifndef MAYFLY_TRACE_H
#define MAYFLY_TRACE_H

#include "common/job.h"

#define TRACE_REQUEST_ID_MAX 64

struct trace {
    char request_id[TRACE_REQUEST_ID_MAX + 1]; /* never empty */
    char trace_id[JOB_TRACE_ID_LEN + 1];       /* 32 hex digits, or empty */
};

/* From the headers' values, empty views where absent. An id of 1 to 64 letters, digits, '.', '_',
 * '-' is kept, in place of any other one comes a new one. A traceparent that is not of version 00
 * (https://www.w3.org/TR/trace-context/) or of a later version with the same beginning is none. */
struct trace trace_read(struct bytes request_id, struct bytes traceparent);

#endif
