/* The pool's boxes as a whole. */
#include "broker/pool/stock.h"

#include <stdlib.h>
#include <string.h>

static void free_box(struct box *box)
{
    node_remove(&box->link);
    box_release(box);
    free(box);
}

void stock_free_boxes(struct list *list)
{
    struct box *box;
    while ((box = list_take(list)) != NULL)
        free_box(box);
}

static size_t count_state(const struct list *list, enum box_state state)
{
    size_t count = 0;
    for (const struct box *box = list_first(list); box; box = node_next(&box->link))
        count += box->state == state;
    return count;
}

size_t stock_count(const struct pool *pool, enum box_state state)
{
    size_t count = count_state(&pool->running, state) + count_state(&pool->removing, state);
    for (size_t i = 0; i < pool->shelves.count; i++)
        count += count_state(&pool->shelves.all[i]->coming, state) +
                 count_state(&pool->shelves.all[i]->ready, state);
    return count;
}

static bool list_knows(const struct list *list, const char *name)
{
    for (const struct box *box = list_first(list); box; box = node_next(&box->link))
        if (strcmp(box->name, name) == 0)
            return true;
    return false;
}

bool pool_knows(const struct pool *pool, const char *name)
{
    bool known = list_knows(&pool->running, name) || list_knows(&pool->removing, name);
    for (size_t i = 0; !known && i < pool->shelves.count; i++)
        known = list_knows(&pool->shelves.all[i]->coming, name) ||
                list_knows(&pool->shelves.all[i]->ready, name);
    return known;
}

void stock_retire_all(struct pool *pool)
{
    for (struct box *box = list_first(&pool->removing); box; box = node_next(&box->link))
        box_retry_removal(box, true);
    struct box *box;
    /* A box in its post-mortem stays on this list until that is over. */
    for (struct box *next = list_first(&pool->running); (box = next) != NULL;) {
        next = node_next(&box->link);
        stock_retire(pool, box);
    }
    for (size_t i = 0; i < pool->shelves.count; i++) {
        struct shelf *shelf = pool->shelves.all[i];
        while ((box = list_first(&shelf->coming)) != NULL ||
               (box = list_first(&shelf->ready)) != NULL)
            stock_retire(pool, box);
    }
}

void stock_release(struct pool *pool)
{
    for (size_t i = 0; i < pool->shelves.count; i++) {
        stock_free_boxes(&pool->shelves.all[i]->coming);
        stock_free_boxes(&pool->shelves.all[i]->ready);
    }
    stock_free_boxes(&pool->running);
    stock_free_boxes(&pool->removing);
    stock_free_boxes(&pool->dead);
}
