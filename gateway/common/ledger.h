/* ledger.h - a memory budget that several owners share.
 *
 * An object that holds memory has a stake in the ledger. A stake belongs to an owner, identified by
 * name. When a stake grows past the budget, stakes of the owner who holds the most are ended, one
 * by one, until the growth fits:
 *
 *   1. Stakes that have waited for a slow or missing reader are ended first. Among them, the stake
 *      with the largest product of bytes and waiting time comes first.
 *   2. If none has waited, and the growing stake belongs to another owner, the largest stake
 *      is ended. In a ledger whose stakes report no waiting time, the newest stake is ended.
 *
 * If that is not enough, the growth is refused. So a light user never loses a stake to a heavy
 * user. A stake whose reader keeps up is never ended for another stake of its own owner. The ledger
 * does not know how the memory is used.
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
    size_t stakes_count; /* all stakes, even those that hold nothing */
    struct list stakes;  /* the stakes that hold memory, oldest first */
    struct node node;
};

/* Embed it in the object that holds the memory. To initialise: zero it, then set the two
 * callbacks. */
struct stake {
    /* Returns for how many ms the stake's memory has waited for a slow reader. Returns 0 if it has
     * not waited, or if the wait is not the reader's fault. This is NULL in all stakes of a ledger,
     * or in none; if it is NULL, waiting does not count. */
    uint64_t (*waited_ms)(const struct stake *stake);
    /* The stake was ended: free all its memory soon. The ledger has already removed the stake and
     * its bytes. May change the ledger, but must not free the growing stake (ledger_grow). */
    void (*on_give_way)(struct stake *stake);
    /* private */
    struct ledger *ledger; /* NULL: in no ledger */
    struct owner *owner;
    uint64_t bytes;
    struct node node; /* in owner->stakes */
};

struct ledger {
    uint64_t max_bytes;
    uint64_t bytes;
    struct list owners;
    uint64_t gave_way_count; /* number of stakes that were ended */
};

/* Enter a stake that holds nothing yet. Returns false when memory is out. */
bool ledger_enter(struct ledger *ledger, struct stake *stake, const char *owner);
/* Remove the stake and its bytes from its ledger. No-op when it is in none. */
void ledger_leave(struct stake *stake);

/* Ask to hold `bytes` in total. A decrease is always granted. Returns false, with nothing changed,
 * when there is no space, or when the stake is in no ledger. */
bool ledger_grow(struct stake *stake, uint64_t bytes);
/* Record that the stake holds `bytes` in total, even if that exceeds the budget. Other stakes are
 * ended only at the next ledger_grow. */
void ledger_note(struct stake *stake, uint64_t bytes);

#endif
