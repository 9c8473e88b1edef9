/* session_request.h - reads the JSON of requests about sessions: one that opens a session, one that
 * runs a cell in it, and one that keeps it alive. It names every mistake.
 *
 * A session has a runtime, an environment and the limits of its box from its beginning on. So a
 * cell cannot have these fields, and each that it has is a mistake. Pure: JSON in, a job or field
 * errors out.
 */
#ifndef MAYFLY_SESSION_REQUEST_H
#define MAYFLY_SESSION_REQUEST_H

#include "common/session.h"
#include "front/api/reading.h"

/* Such a request, besides its job. A zeroed one asks for nothing. */
struct session_request {
    char id[JOB_SESSION_NAME_MAX + 1]; /* "": the gateway chooses it */
    uint32_t idle_ms, life_ms;         /* 0: not given */
    bool has_runtime;
    struct limits limits; /* those that were given; 0: the others */
    bool has_cpu_time, has_output_bytes;
    bool waits; /* a busy session is waited for, up to the job's queue_timeout_ms */
};

/* Each reads the document into reading->request, which has the defaults, and reading->session,
 * which is zeroed. The document NULL is the word null. */
void session_request_read_opening(struct reading *reading, const struct json *document);
/* The job's runtime and limits are those of the session already. */
void session_request_read_cell(struct reading *reading, const struct json *document);
void session_request_read_keepalive(struct reading *reading, const struct json *document);

/* For an object of another kind: read the id of a session; and read one member that an opening or a
 * cell has, too, or "queue_timeout" of any request. */
void session_request_read_id(struct reading *reading, const char *name, const struct json *value);
void session_request_read_member(struct reading *reading, const char *member,
                                 const struct json *value);

/* Is this the id of a session? */
bool session_request_is_id(struct bytes text);

#endif
