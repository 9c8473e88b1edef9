#include "broker/pool/turns.h"

#include <stdio.h>
#include <string.h>

/* The owner's place, NULL when it has none. Drops, on the way, owners whose last number has been
 * served: they now rank as newcomers anyway. */
static struct turns_owner *find(struct turns *turns, const char *name)
{
    for (size_t i = 0; i < turns->owners_count;) {
        struct turns_owner *owner = &turns->owners[i];
        if (owner->last <= turns->now)
            *owner = turns->owners[--turns->owners_count];
        else if (strcmp(owner->name, name) == 0)
            return owner;
        else
            i++;
    }
    return NULL;
}

uint64_t turns_take(struct turns *turns, const char *owner)
{
    struct turns_owner *known = find(turns, owner);
    if (known)
        return ++known->last;
    uint64_t turn = turns->now + 1;
    if (turns->owners_count < TURNS_OWNERS_MAX) {
        struct turns_owner *added = &turns->owners[turns->owners_count++];
        added->last = turn;
        snprintf(added->name, sizeof added->name, "%s", owner);
    }
    return turn;
}

void turns_serve(struct turns *turns, uint64_t turn)
{
    if (turn > turns->now)
        turns->now = turn;
}

void turns_give_back(struct turns *turns, const char *owner)
{
    struct turns_owner *known = find(turns, owner);
    if (known)
        known->last--;
}
