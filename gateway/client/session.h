/* session.h - a session as a gateway describes it, and the paths of its endpoints.
 *
 * Pure. The gateway is not trusted: the type of each member is checked, and text is escaped for the
 * terminal.
 */
#ifndef MAYFLY_CLIENT_SESSION_H
#define MAYFLY_CLIENT_SESSION_H

#include "common/buf.h"
#include "common/error.h"
#include "common/job.h"
#include "common/json.h"

#define SESSIONS_PATH "/api/v1/sessions"

struct session {
    char id[JOB_SESSION_NAME_MAX + 1];
    char state[16], runtime[64];
    char expires_at[40], idle_expires_at[40]; /* RFC 3339; "" for null */
    int64_t executions, generation;
    double idle_timeout_s, max_lifetime_s;
};

/* Read a session object. Fails with ERR_PROTOCOL if the value is no such object. */
bool session_read(struct session *session, const struct json *value, struct error *err);

/* Append the path of the session's endpoint `below` ("/executions"), or of the session itself if
 * `below` is "", and a NUL. The id must be good. Returns false when out's cap forbids it. */
bool session_put_path(struct buf *out, const char *id, const char *below);

/* Append the path of the session's file, percent-encoded, and a NUL. Fails like session_put_path.
 */
bool session_put_file_path(struct buf *out, const char *id, struct bytes file);
/* Append the path of the list of files that match the glob, and a NUL. NULL matches all files. */
bool session_put_list_path(struct buf *out, const char *id, const char *glob);

/* Append a line for each session of the gateway's list, under a line of headings. Fails with
 * ERR_PROTOCOL if the value is no such list. */
bool session_put_table(struct buf *out, const struct json *list, struct error *err);
/* Append a line for each file of the gateway's list: its size, and its path in escaped form. Sets
 * *is_cut when the gateway has left some files out. Fails like session_put_table. */
bool session_put_files(struct buf *out, const struct json *list, bool *is_cut, struct error *err);

#endif
