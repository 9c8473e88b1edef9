/* holder.h - whose executions the archive keeps, and how much each of them holds.
 *
 * Where place is short, it is made by whoever holds the most: so nobody's crowd pushes out what
 * another one waits for. Knows nothing of executions but their number and their bytes.
 */
#ifndef MAYFLY_HOLDER_H
#define MAYFLY_HOLDER_H

#include <stdint.h>

#include "common/job.h"
#include "common/list.h"

struct holder {
    char name[JOB_OWNER_NAME_MAX + 1]; /* of the key; "" where no keys are configured */
    size_t count;                      /* of executions that are kept */
    uint64_t bytes;                    /* of those that are over; the archive's to change */
    struct list over;                  /* those, the oldest first; the archive's to change */
    struct node node;                  /* on the list of all holders */
};

/* One more execution for this name: its holder, made when it has none. NULL on no memory. */
struct holder *holder_join(struct list *holders, const char *name);
/* One less. The holder goes with its last. */
void holder_leave(struct holder *holder);

enum holding { HOLDING_COUNT, HOLDING_BYTES };
/* Of those who have an execution that is over, the one who holds the most. NULL: none is over. */
struct holder *holders_largest(const struct list *holders, enum holding what);

#endif
