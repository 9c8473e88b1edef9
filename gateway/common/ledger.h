/* ledger.h - memory under one budget: who holds how much of it, and who gives way.
 *
 * Each thing that holds memory has a stake, which belongs to an owner by name. When a stake is to
 * grow past the budget, stakes of the owner who holds the most are ended, one by one, until it
 * fits:
 *
 *   1. those that have waited in vain, the costliest first, in bytes and time: what nobody reads,
 *      or a slow client reads;
 *   2. where there is none, and the one that grows is another owner's, the largest; or, where a
 *      stake tells no time, the newest.
 *
 * Else it must do without. So a crowd gives way to others, and never the other way round; and
 * nobody who reads quickly gives way to runs of their own. Knows nothing of what is held.
 */
#ifndef MAYFLY_LEDGER_H
#define MAYFLY_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/job.h"
#include "common/list.h"

struct owner {
    char name[JOB_OWNER_NAME_MAX + 1]; /* of the key; "" where no keys are configured */
    uint64_t bytes;
    size_t stakes_count; /* entered */
    struct list stakes;  /* those that hold something, the oldest first */
    struct node node;
};

/* Embedded in its holder. Zero-initialised plus the two calls is one that holds nothing. */
struct stake {
    /* For how long what it holds has waited in vain, in ms; 0: it does not, or is not to blame.
     * NULL, for all stakes of a ledger: none of them is worth more for having waited. */
    uint64_t (*waited_ms)(const struct stake *stake);
    /* Let go of it all, soon: the ledger has forgotten its bytes and the stake already. It may
     * change the ledger, but must not free what is growing (ledger_grow). */
    void (*on_give_way)(struct stake *stake);
    /* The ledger's */
    struct ledger *ledger; /* NULL: not in one */
    struct owner *owner;
    uint64_t bytes;
    struct node node; /* on owner->stakes */
};

struct ledger {
    uint64_t max_bytes;
    uint64_t bytes;
    struct list owners;
    uint64_t gave_way_count; /* stakes that were ended */
};

/* Enter a stake that holds nothing yet. False on no memory. */
bool ledger_enter(struct ledger *ledger, struct stake *stake, const char *owner);
/* It holds nothing any more. Fine on one that is not in a ledger. */
void ledger_leave(struct stake *stake);

/* It is to hold so many bytes. False: there is no room for more than it has, and nothing has
 * changed; less is always granted. One that is not in a ledger has no room. */
bool ledger_grow(struct stake *stake, uint64_t bytes);
/* It does hold so many, whatever the budget: nobody gives way until something grows. */
void ledger_note(struct stake *stake, uint64_t bytes);

#endif
