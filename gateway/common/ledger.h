/* ledger.h - one memory budget, shared by owners. The largest owner gives way.
 *
 * Each object that holds memory has a stake, which belongs to an owner by name. When a stake needs
 * to grow past the budget, the owner who holds the most gives way. That owner's stakes are ended
 * one by one until the growing stake fits:
 *
 *   1. Stakes that have waited for a slow or missing reader are ended, the costliest (bytes times
 *      time waited) first.
 *   2. Where none has waited, and another owner's stake grows, the largest is ended. In a ledger
 *      whose stakes report no time, the newest is.
 *
 * Otherwise the growth is refused. So a heavy user gives way to others, never the reverse. A stake
 * with a quick reader never gives way to its own owner. Does not know what the memory is for.
 */
#ifndef MAYFLY_LEDGER_H
#define MAYFLY_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/job.h"
#include "common/list.h"

struct owner {
    char name[JOB_OWNER_NAME_MAX + 1]; /* the key's name; "" where no keys are configured */
    uint64_t bytes;
    size_t stakes_count; /* entered stakes */
    struct list stakes;  /* those that hold memory, the oldest first */
    struct node node;
};

/* Embedded in the object that holds the memory. A zeroed stake with the two callbacks set holds
 * nothing. */
struct stake {
    /* Returns how many ms its memory has waited for a slow reader. Returns 0 when it has not, or
     * when the reader is not to blame. NULL for all stakes of a ledger: waiting does not count
     * there. */
    uint64_t (*waited_ms)(const struct stake *stake);
    /* Free all its memory soon: the ledger has already removed its bytes and the stake. May change
     * the ledger, but must not free the growing stake (ledger_grow). */
    void (*on_give_way)(struct stake *stake);
    /* private */
    struct ledger *ledger; /* NULL: not in a ledger */
    struct owner *owner;
    uint64_t bytes;
    struct node node; /* in owner->stakes */
};

struct ledger {
    uint64_t max_bytes;
    uint64_t bytes;
    struct list owners;
    uint64_t gave_way_count; /* stakes that were ended */
};

/* Enter a stake that holds nothing yet. Returns false when memory is out. */
bool ledger_enter(struct ledger *ledger, struct stake *stake, const char *owner);
/* The stake holds nothing any more. No-op when it is in no ledger. */
void ledger_leave(struct stake *stake);

/* Ask to hold `bytes` in total. Less than before is always granted. Returns false, with nothing
 * changed, when there is no space, or when the stake is in no ledger. */
bool ledger_grow(struct stake *stake, uint64_t bytes);
/* Record that the stake holds `bytes` in total, whatever the budget. No stake gives way until one
 * grows. */
void ledger_note(struct stake *stake, uint64_t bytes);

#endif
