/* session_query.h - the query of the paths of a session's files: "glob=" and "queue_timeout=".
 *
 * Pure: text in, values or field errors out.
 */
#ifndef MAYFLY_SESSION_QUERY_H
#define MAYFLY_SESSION_QUERY_H

#include "common/buf.h"

struct field_errors;

/* Read the two in any order, each at most once; the first only where glob is not NULL, to which it
 * is appended. *queue_timeout_ms is 1 to most_ms, or 0 without one. Names each mistake. */
void session_query_read(struct bytes query, uint32_t most_ms, struct buf *glob,
                        uint32_t *queue_timeout_ms, struct field_errors *errors);

#endif
