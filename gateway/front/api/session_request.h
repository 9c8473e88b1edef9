/* session_request.h - reads the JSON of the requests that open a session, run a cell in it, or keep
 * it alive. Names every mistake.
 *
 * A session's runtime, environment and box limits are set when it is opened. So a cell that has one
 * of these fields is a mistake. Pure: JSON in, a job or field errors out.
 */
#ifndef MAYFLY_SESSION_REQUEST_H
#define MAYFLY_SESSION_REQUEST_H

#include "common/session.h"
#include "front/api/reading.h"

/* The members of such a request that are not in its job. A member that is zero was not given. */
struct session_request {
    char id[JOB_SESSION_NAME_MAX + 1]; /* "": the gateway chooses it */
    uint32_t idle_ms, life_ms;         /* 0: not given */
    bool has_runtime;
    struct limits limits; /* 0: not given */
    bool has_cpu_time, has_output_bytes;
    bool waits; /* the run waits for a busy session, up to the job's queue_timeout_ms */
};

/* Each of the next three functions reads the document into reading->request, which has the
 * defaults, and reading->session, which is zeroed. A NULL document is the JSON null. */
void session_request_read_opening(struct reading *reading, const struct json *document);
/* The job must already have the session's runtime and limits. */
void session_request_read_cell(struct reading *reading, const struct json *document);
void session_request_read_keepalive(struct reading *reading, const struct json *document);

/* For requests of other kinds: read a session's id, or one member that an opening or a cell has
 * too, or "queue_timeout". */
void session_request_read_id(struct reading *reading, const char *name, const struct json *value);
void session_request_read_member(struct reading *reading, const char *member,
                                 const struct json *value);

#endif
