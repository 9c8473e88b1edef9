/* archive.h - the executions that can be retrieved later, by their id or by the Idempotency-Key of
 * the request that began them.
 *
 * A kept execution runs on without a client. A finished one is kept for executions_keep_ms, or
 * until space is needed: at most executions_max executions are kept, and the finished ones hold at
 * most executions_bytes of memory. When space runs out, the owner who holds the most loses their
 * oldest finished execution, so a heavy user only ever evicts their own. Each unfinished execution
 * has a run, and the broker limits the number of runs.
 *
 * The archive remembers the last ARCHIVE_GONE_COUNT ids that it dropped. So their owner, and nobody
 * else, gets 410 ("gone") and not 404. An Idempotency-Key is kept as long as its execution. If the
 * program did not run, the key is forgotten, so that a retry runs the program.
 */
#ifndef MAYFLY_ARCHIVE_H
#define MAYFLY_ARCHIVE_H

#include "common/config.h"
#include "common/sample.h"
#include "front/runs/execution.h"
#include "front/runs/idempotency.h"

#define ARCHIVE_GONE_COUNT 65536

struct archive;

/* Keeps config and reactor for the life of the process. Returns NULL when memory is out. */
struct archive *archive_new(const struct config *config, struct reactor *reactor);

/* Is there a free place for one more execution, or a finished execution that can be dropped for it?
 */
bool archive_has_room(const struct archive *archive);
/* Keep an execution for `owner` (borrowed for the call), under its id and, unless it is NULL, under
 * an idempotency that no other execution has. The caller has checked archive_has_room. Returns
 * false, and keeps nothing, when memory is out. */
bool archive_keep(struct archive *archive, struct execution *execution, const char *owner,
                  const struct idempotency *idempotency);

/* Find the execution of this owner with this id. Returns NULL when there is none; *was_there then
 * says whether it was dropped. Valid for this turn. */
struct execution *archive_find(struct archive *archive, const char *owner, uint64_t id,
                               bool *was_there);
/* The same for a request with an Idempotency-Key. *is_same says whether it began with the same
 * body. */
struct execution *archive_find_same(struct archive *archive, const struct idempotency *idempotency,
                                    bool *is_same);

/* Append the metrics of the kept executions. */
void archive_report(const struct archive *archive, struct samples *samples);

#endif
