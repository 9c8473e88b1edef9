#include "front/runs/holder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct holder *holder_join(struct list *holders, const char *name)
{
    struct holder *holder = list_first(holders);
    while (holder && strcmp(holder->name, name) != 0)
        holder = node_next(&holder->node);
    if (!holder) {
        holder = calloc(1, sizeof *holder);
        if (!holder)
            return NULL;
        snprintf(holder->name, sizeof holder->name, "%s", name);
        node_init(&holder->node, holder);
        node_append(&holder->node, holders);
    }
    holder->count++;
    return holder;
}

void holder_leave(struct holder *holder)
{
    if (--holder->count > 0)
        return;
    node_remove(&holder->node);
    free(holder);
}

static uint64_t holding_of(const struct holder *holder, enum holding what)
{
    return what == HOLDING_COUNT ? holder->count : holder->bytes;
}

struct holder *holders_largest(const struct list *holders, enum holding what)
{
    struct holder *largest = NULL;
    for (struct holder *each = list_first(holders); each; each = node_next(&each->node)) {
        if (each->over.count > 0 &&
            (!largest || holding_of(each, what) > holding_of(largest, what)))
            largest = each;
    }
    return largest;
}
