/* list.h - intrusive doubly linked lists. An object is on at most one list at a time, and its node
 * points to that list.
 *
 * Embed a `struct node` in the object and call node_init once. A zeroed list is empty.
 */
#ifndef MAYFLY_LIST_H
#define MAYFLY_LIST_H

#include <stddef.h>

struct list;

struct node {
    void *owner;
    struct list *list; /* the list it is on; NULL when on none */
    struct node *previous, *next;
};

struct list {
    struct node *first, *last;
    size_t count;
};

static inline void node_init(struct node *node, void *owner)
{
    *node = (struct node){.owner = owner};
}

static inline void node_remove(struct node *node)
{
    struct list *list = node->list;
    if (!list)
        return;
    *(node->previous ? &node->previous->next : &list->first) = node->next;
    *(node->next ? &node->next->previous : &list->last) = node->previous;
    list->count--;
    node->list = NULL;
    node->previous = node->next = NULL;
}

/* Move the node to this list, from whatever list it is on. It comes right after `after`, which is
 * on this list, or first if `after` is NULL. */
static inline void node_insert(struct node *node, struct list *list, struct node *after)
{
    node_remove(node);
    node->list = list;
    node->previous = after;
    node->next = after ? after->next : list->first;
    *(after ? &after->next : &list->first) = node;
    *(node->next ? &node->next->previous : &list->last) = node;
    list->count++;
}

static inline void node_append(struct node *node, struct list *list)
{
    node_insert(node, list, list->last == node ? node->previous : list->last);
}

static inline void *list_first(const struct list *list)
{
    return list->first ? list->first->owner : NULL;
}

/* Remove the first object and return it; NULL when the list is empty. */
static inline void *list_take(struct list *list)
{
    struct node *node = list->first;
    if (!node)
        return NULL;
    list->first = node->next;
    *(node->next ? &node->next->previous : &list->last) = NULL;
    list->count--;
    node->list = NULL;
    node->next = NULL;
    return node->owner;
}

static inline void *node_next(const struct node *node)
{
    return node->next ? node->next->owner : NULL;
}

#endif
