/* list.h - intrusive doubly linked lists. An object is on at most one list, and knows which.
 *
 * Embed a `struct node` and give it its owner once (node_init). Zeroed lists are empty.
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

/* Move the node from its list to this one, after `after`, which is on it. NULL: to the front. */
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

/* Remove and return the first owner; NULL when there is none. */
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
