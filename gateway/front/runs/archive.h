/* archive.h - the executions that can be asked for again: by their id, and by the Idempotency-Key
 * of the request that began them.
 *
 * A kept execution runs on without a client. A finished one is kept for executions_keep_ms, or
 * until its place is needed: at most executions_max executions are kept, and the finished ones hold
 * at most executions_bytes of memory. When space runs out, the owner who holds the most loses their
 * oldest finished execution, so a heavy user only ever evicts their own. Unfinished executions cost
 * a run each, which the broker bounds.
 *
 * The last ARCHIVE_GONE_COUNT ids that were dropped are remembered, so that their owner, and nobody
 * else, can tell "gone" from "never there". A key lasts as long as its execution, unless the
 * program did not run: then it is free again, so that a retry runs it.
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

/* Is there a place for one more execution, or one that can be freed? */
bool archive_has_room(const struct archive *archive);
/* Keep an execution for `owner` (borrowed for the call), under its id and, unless it is NULL, under
 * an idempotency that no other has. The caller has asked archive_has_room. False, and nothing is
 * kept, on no memory. */
bool archive_keep(struct archive *archive, struct execution *execution, const char *owner,
                  const struct idempotency *idempotency);

/* The execution that is kept under this id for this owner; NULL when there is none, and then
 * *was_there says whether there was one. Valid for this turn. */
struct execution *archive_find(struct archive *archive, const char *owner, uint64_t id,
                               bool *was_there);
/* The same for a request with an Idempotency-Key. *is_same says whether the same body began it. */
struct execution *archive_find_same(struct archive *archive, const struct idempotency *idempotency,
                                    bool *is_same);

/* Put the metrics of the kept executions. */
void archive_report(const struct archive *archive, struct samples *samples);

#endif
