/* session_query.h - the query of the paths of a session's files: "glob=" and "queue_timeout=".
 *
 * Pure: text in, values or field errors out.
 */
#ifndef MAYFLY_SESSION_QUERY_H
#define MAYFLY_SESSION_QUERY_H

#include "common/buf.h"

struct field_errors;

/* Read the two parameters in any order, each at most once. Appends the glob to `glob`; if `glob` is
 * NULL, the parameter is a mistake. Sets *queue_timeout_ms to the given time, from 1 to most_ms, or
 * to 0 if none is given. Adds each mistake to `errors`. */
void session_query_read(struct bytes query, uint32_t most_ms, struct buf *glob,
                        uint32_t *queue_timeout_ms, struct field_errors *errors);

#endif
