/* The pool's waiting runs: their order, and the room that they have. */
#include "broker/pool/stock.h"

#include <string.h>

/* ---- order ---- */

bool queue_enter(struct pool *pool, struct run *run)
{
    struct list *waiting = &run->shelf->waiting;
    struct node *before = waiting->last;
    run->room_bytes = run->frame.len;
    run->room = room_take(&pool->room, run->owner, run->room_bytes);
    if (!run->room)
        return false;
    run->serial = ++pool->run_serial;
    run->turn = turns_take(&pool->turns, run->owner);
    while (before && ((const struct run *)before->owner)->turn > run->turn)
        before = before->previous;
    node_insert(&run->link, waiting, before);
    pool->waiting_count++;
    return true;
}

void queue_leave(struct pool *pool, struct run *run, bool goes)
{
    pool->waiting_count--;
    run->shelf = NULL;
    if (!goes) {
        room_leave(&pool->room, run->room, run->room_bytes);
        return;
    }
    turns_give_back(&pool->turns, run->owner);
    room_give_back(&pool->room, run->room, run->room_bytes);
    run->room = NULL;
}

void queue_forget(struct pool *pool, struct run *run)
{
    if (run->room)
        room_arrive(&pool->room, run->room, run->room_bytes);
    run->room = NULL;
}

struct run *queue_next(const struct pool *pool, const struct shelf *shelf, const struct run *run)
{
    struct run *next = run ? node_next(&run->link) : list_first(&shelf->waiting);
    while (next && pool->behind_count && next->audience->is_behind)
        next = node_next(&next->link);
    return next;
}

uint32_t queue_count(const struct pool *pool, const struct shelf *shelf)
{
    if (pool->behind_count == 0)
        return (uint32_t)shelf->waiting.count;
    uint32_t count = 0;
    for (struct run *run = queue_next(pool, shelf, NULL); run; run = queue_next(pool, shelf, run))
        count++;
    return count;
}

/* ---- room ---- */

static struct run *newest_of(const struct pool *pool, const struct room_holder *holder)
{
    struct run *newest = NULL;
    for (size_t i = 0; i < pool->shelves.count; i++)
        for (struct run *run = list_first(&pool->shelves.all[i]->waiting); run;
             run = node_next(&run->link))
            if (run->room == holder && !run->is_canary && (!newest || run->serial > newest->serial))
                newest = run;
    return newest;
}

static bool give_way(struct pool *pool, enum room_kind kind, const char *owner, uint64_t wanted)
{
    const struct room_holder *giver = room_giver(&pool->room, kind, owner, wanted);
    struct run *run = giver ? newest_of(pool, giver) : NULL;
    if (!run)
        return false;
    struct error why;
    error_set(&why, ERR_BUSY, "too much waits already, most of it for whom this run is");
    pool_refuse(pool, run, &why, pool_retry_ms(pool));
    return true;
}

bool queue_make_room(struct pool *pool, const char *owner, size_t bytes, bool needs_place,
                     struct error *err)
{
    const struct config *config = pool->config;
    while (room_bytes(&pool->room) + bytes > config->max_waiting_bytes)
        if (!give_way(pool, ROOM_BYTES, owner, bytes))
            return error_set(err, ERR_BUSY, "runs with %llu bytes of input wait already",
                             (unsigned long long)room_bytes(&pool->room));
    if (needs_place && pool->waiting_count >= config->max_waiting &&
        !give_way(pool, ROOM_RUNS, owner, 1))
        return error_set(err, ERR_BUSY, "%u runs wait already", (unsigned)pool->waiting_count);
    return true;
}

/* ---- shelves ---- */

/* Whose runs alone wait on a shelf; NULL: nobody's, or of several owners. */
static struct room_holder *sole_holder(const struct shelf *shelf)
{
    const struct run *first = list_first(&shelf->waiting);
    for (const struct run *run = first; run; run = node_next(&run->link))
        if (run->room != first->room)
            return NULL;
    return first ? first->room : NULL;
}

static void count_shelves(const struct pool *pool)
{
    for (struct room_holder *holder = list_first(&pool->room.holders); holder;
         holder = node_next(&holder->link))
        holder->held[ROOM_SHELVES] = 0;
    for (size_t i = 0; i < pool->shelves.count; i++) {
        struct room_holder *sole = sole_holder(pool->shelves.all[i]);
        if (sole && !pool->shelves.all[i]->is_configured)
            sole->held[ROOM_SHELVES]++;
    }
}

/* The shelf of this holder's, or of nobody's for NULL, that is used least. */
static struct shelf *least_used(const struct pool *pool, const struct room_holder *holder)
{
    struct shelf *least = NULL;
    for (size_t i = 0; i < pool->shelves.count; i++) {
        struct shelf *shelf = pool->shelves.all[i];
        bool is_theirs = holder ? sole_holder(shelf) == holder : shelf->waiting.count == 0;
        if (is_theirs && !shelf->is_configured &&
            (!least || shelf->waiting.count < least->waiting.count))
            least = shelf;
    }
    return least;
}

bool queue_free_shelf(struct pool *pool, const char *owner)
{
    struct error why;
    struct box *box;
    struct shelf *shelf = least_used(pool, NULL);
    if (!shelf) {
        count_shelves(pool);
        const struct room_holder *giver = room_giver(&pool->room, ROOM_SHELVES, owner, 1);
        shelf = giver ? least_used(pool, giver) : NULL;
    }
    if (!shelf)
        return false;
    error_set(&why, ERR_BUSY, "too many different limits are in use at once");
    pool_refuse_shelf(pool, shelf, &why);
    while ((box = list_first(&shelf->coming)) != NULL || (box = list_first(&shelf->ready)) != NULL)
        stock_retire(pool, box);
    shelves_tidy(&pool->shelves);
    return true;
}
