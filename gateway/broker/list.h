/* list.h - intrusive doubly linked lists: a thing is on at most one list, and knows it.
 *
 * Embed a `struct link` and give it its owner once (link_init). Zeroed lists are empty.
 */
#ifndef MAYFLY_LIST_H
#define MAYFLY_LIST_H

#include <stddef.h>

struct list;

struct link {
    void *owner;
    struct list *list; /* the list it is on; NULL when on none */
    struct link *previous, *next;
};

struct list {
    struct link *first, *last;
    size_t count;
};

static inline void link_init(struct link *link, void *owner)
{
    *link = (struct link){.owner = owner};
}

static inline void link_remove(struct link *link)
{
    struct list *list = link->list;
    if (!list)
        return;
    *(link->previous ? &link->previous->next : &list->first) = link->next;
    *(link->next ? &link->next->previous : &list->last) = link->previous;
    list->count--;
    link->list = NULL;
    link->previous = link->next = NULL;
}

/* Move to list, behind `after` (NULL: to the front), off the list it was on. `after` is on list. */
static inline void link_insert(struct link *link, struct list *list, struct link *after)
{
    link_remove(link);
    link->list = list;
    link->previous = after;
    link->next = after ? after->next : list->first;
    *(after ? &after->next : &list->first) = link;
    *(link->next ? &link->next->previous : &list->last) = link;
    list->count++;
}

static inline void link_append(struct link *link, struct list *list)
{
    link_insert(link, list, list->last == link ? link->previous : list->last);
}

static inline void *list_first(const struct list *list)
{
    return list->first ? list->first->owner : NULL;
}

/* Take the first off; NULL when there is none. */
static inline void *list_take(struct list *list)
{
    struct link *link = list->first;
    if (!link)
        return NULL;
    list->first = link->next;
    *(link->next ? &link->next->previous : &list->last) = NULL;
    list->count--;
    link->list = NULL;
    link->next = NULL;
    return link->owner;
}

static inline void *link_next(const struct link *link)
{
    return link->next ? link->next->owner : NULL;
}

#endif
