#include "common/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the owner with that name, and creates it if necessary. Returns NULL when memory is
 * out. */
static struct owner *find_owner(struct ledger *ledger, const char *name)
{
    struct owner *owner = list_first(&ledger->owners);
    while (owner && strcmp(owner->name, name) != 0)
        owner = node_next(&owner->node);
    if (owner)
        return owner;
    owner = calloc(1, sizeof *owner);
    if (!owner)
        return NULL;
    snprintf(owner->name, sizeof owner->name, "%s", name);
    node_init(&owner->node, owner);
    node_append(&owner->node, &ledger->owners);
    return owner;
}

bool ledger_enter(struct ledger *ledger, struct stake *stake, const char *name)
{
    struct owner *owner = find_owner(ledger, name);
    if (!owner)
        return false;
    stake->ledger = ledger;
    stake->owner = owner;
    stake->bytes = 0;
    owner->stakes_count++;
    node_init(&stake->node, stake);
    return true;
}

void ledger_leave(struct stake *stake)
{
    struct owner *owner = stake->owner;
    if (!stake->ledger)
        return;
    ledger_note(stake, 0);
    stake->ledger = NULL;
    stake->owner = NULL;
    if (--owner->stakes_count > 0)
        return;
    node_remove(&owner->node);
    free(owner);
}

void ledger_note(struct stake *stake, uint64_t bytes)
{
    if (!stake->ledger)
        return;
    stake->ledger->bytes += bytes - stake->bytes;
    stake->owner->bytes += bytes - stake->bytes;
    stake->bytes = bytes;
    if (bytes == 0)
        node_remove(&stake->node);
    else if (!stake->node.list)
        node_append(&stake->node, &stake->owner->stakes);
}

/* Returns the owner who would hold the most after `stake` has grown by `more`. If several do, the
 * owner of `stake` is returned if it is among them. */
static struct owner *largest_owner(const struct ledger *ledger, const struct stake *stake,
                                   uint64_t more)
{
    struct owner *largest = stake->owner;
    for (struct owner *owner = list_first(&ledger->owners); owner;
         owner = node_next(&owner->node)) {
        uint64_t most = largest->bytes + (largest == stake->owner ? more : 0);
        if (owner->bytes > most)
            largest = owner;
    }
    return largest;
}

/* Returns which of this owner's stakes to end, or NULL for none. */
static struct stake *choose_giver(const struct owner *owner, const struct stake *grower)
{
    /* the largest; in a ledger without times, the newest, which is last in the list */
    struct stake *costliest = NULL, *innocent = NULL;
    uint64_t most = 0;
    for (struct stake *stake = list_first(&owner->stakes); stake; stake = node_next(&stake->node)) {
        if (stake == grower)
            continue;
        uint64_t cost = stake->waited_ms ? stake->bytes * stake->waited_ms(stake) : 0;
        if (cost > most) {
            most = cost;
            costliest = stake;
        }
        if (!innocent || !stake->waited_ms || stake->bytes > innocent->bytes)
            innocent = stake;
    }
    return costliest || owner == grower->owner ? costliest : innocent;
}

/* End other stakes until `more` fits into the budget, or none is left to end. */
static bool make_room(struct ledger *ledger, struct stake *stake, uint64_t more)
{
    while (ledger->bytes + more > ledger->max_bytes) {
        const struct owner *largest = largest_owner(ledger, stake, more);
        struct stake *giver = choose_giver(largest, stake);
        if (!giver)
            return false;
        ledger_leave(giver);
        ledger->gave_way_count++;
        giver->on_give_way(giver);
    }
    return true;
}

bool ledger_grow(struct stake *stake, uint64_t bytes)
{
    if (!stake->ledger)
        return bytes == 0;
    if (bytes > stake->bytes && !make_room(stake->ledger, stake, bytes - stake->bytes))
        return false;
    ledger_note(stake, bytes);
    return true;
}
