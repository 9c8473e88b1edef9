/* archive.h - keeps executions so that they can be retrieved later, by id or by Idempotency-Key.
 *
 * A kept execution continues without a client. A finished execution is kept for executions_keep_ms,
 * or until its space is needed. At most executions_max executions are kept, and the finished ones
 * use at most executions_bytes. When space runs out, the owner who holds the most loses their
 * oldest finished execution, so a heavy user only ever evicts their own. The number of unfinished
 * executions is limited by the broker, because each has a run.
 *
 * The archive remembers the last ARCHIVE_GONE_COUNT ids that it has dropped, so that their owner
 * gets a 410 instead of a 404. An Idempotency-Key is kept as long as its execution. If the program
 * did not run, the key is forgotten, so that a retry runs the program.
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

/* Returns true if one more execution can be kept, perhaps by dropping a finished one.
 */
bool archive_has_room(const struct archive *archive);
/* Keep an execution of `owner`, under its id and, unless `idempotency` is NULL, under its
 * Idempotency-Key. Borrows owner for the call. Before, archive_has_room must have returned true,
 * and no other execution may have the same idempotency. Returns false, and keeps nothing, when
 * memory is out. */
bool archive_keep(struct archive *archive, struct execution *execution, const char *owner,
                  const struct idempotency *idempotency);

/* Find the owner's execution with this id. If there is none, returns NULL, and sets *was_there to
 * true if such an execution was dropped. The execution is valid for this turn. */
struct execution *archive_find(struct archive *archive, const char *owner, uint64_t id,
                               bool *was_there);
/* Find the execution with the same owner and Idempotency-Key. Sets *is_same if its request also had
 * the same body. Returns NULL when there is none. The execution is valid for this turn. */
struct execution *archive_find_same(struct archive *archive, const struct idempotency *idempotency,
                                    bool *is_same);

/* Append the metrics of the kept executions. */
void archive_report(const struct archive *archive, struct samples *samples);

#endif
