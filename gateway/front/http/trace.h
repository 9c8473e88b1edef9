/* trace.h - identifies a request across systems: by X-Request-Id, and by the trace id of a W3C
 * traceparent.
 *
 * Both come from the client and are copied to logs and headers, so only valid values are used. Pure
 * except for the random bytes of a new id.
 */
#ifndef MAYFLY_TRACE_H
#define MAYFLY_TRACE_H

#include "common/job.h"

#define TRACE_REQUEST_ID_MAX 64

struct trace {
    char request_id[TRACE_REQUEST_ID_MAX + 1]; /* never empty */
    char trace_id[JOB_TRACE_ID_LEN + 1];       /* 32 hex digits, or empty */
};

/* Read both headers, which are empty views if missing. A valid X-Request-Id (1 to 64 of A-Z a-z 0-9
 * . _ -) is kept; otherwise a new one is generated. A traceparent is used if it has the form of
 * version 00 (https://www.w3.org/TR/trace-context/), or of a later version that begins like it. */
struct trace trace_read(struct bytes request_id, struct bytes traceparent);

#endif
