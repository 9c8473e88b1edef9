#include "front/runs/listeners.h"

void listeners_add(struct listeners *listeners, struct listener *listener)
{
    node_init(&listener->node, listener);
    node_append(&listener->node, &listeners->list);
}

/* Ensures that `next` is never a listener that has left. */
void listeners_remove(struct listeners *listeners, struct listener *listener)
{
    if (listeners->next == listener)
        listeners->next = node_next(&listener->node);
    node_remove(&listener->node);
}

void listeners_tell(struct listeners *listeners)
{
    listeners->next = list_first(&listeners->list);
    while (listeners->next) {
        struct listener *listener = listeners->next;
        listeners->next = node_next(&listener->node);
        listener->on_said(listener);
    }
}

void listeners_evict(const struct listeners *listeners)
{
    for (struct listener *listener = list_first(&listeners->list); listener;
         listener = node_next(&listener->node)) {
        if (listener->on_evicted)
            listener->on_evicted(listener);
    }
}

bool listeners_have_caller(const struct listeners *listeners)
{
    const struct listener *listener = list_first(&listeners->list);
    while (listener && !listener->is_caller)
        listener = node_next(&listener->node);
    return listener != NULL;
}

uint64_t listeners_slow_ms(const struct listeners *listeners)
{
    uint64_t least_ms = UINT64_MAX;
    for (const struct listener *listener = list_first(&listeners->list); listener;
         listener = node_next(&listener->node)) {
        uint64_t slow_ms = listener->slow_ms ? listener->slow_ms(listener) : UINT64_MAX;
        least_ms = slow_ms < least_ms ? slow_ms : least_ms;
    }
    return least_ms;
}
