#include "broker/pool/order.h"

#include <stdio.h>
#include <string.h>

/* Returns the owner's entry; NULL if there is none. Also drops the entries of owners whose last
 * rank has been served, because such owners are ranked like new ones. */
static struct order_owner *find(struct order *order, const char *name)
{
    for (size_t i = 0; i < order->owners_count;) {
        struct order_owner *owner = &order->owners[i];
        if (owner->last <= order->now)
            *owner = order->owners[--order->owners_count];
        else if (strcmp(owner->name, name) == 0)
            return owner;
        else
            i++;
    }
    return NULL;
}

uint64_t order_take(struct order *order, const char *owner)
{
    struct order_owner *known = find(order, owner);
    if (known)
        return ++known->last;
    uint64_t rank = order->now + 1;
    if (order->owners_count < ORDER_OWNERS_MAX) {
        struct order_owner *added = &order->owners[order->owners_count++];
        added->last = rank;
        snprintf(added->name, sizeof added->name, "%s", owner);
    }
    return rank;
}

void order_serve(struct order *order, uint64_t rank)
{
    if (rank > order->now)
        order->now = rank;
}

void order_give_back(struct order *order, const char *owner)
{
    struct order_owner *known = find(order, owner);
    if (known)
        known->last--;
}
