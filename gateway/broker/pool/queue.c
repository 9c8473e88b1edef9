#include "broker/pool/queue.h"

#include <string.h>

void queue_init(struct queue *queue, const struct shelves *shelves)
{
    queue->shelves = shelves;
}

void queue_release(struct queue *queue)
{
    room_release(&queue->room);
}

/* ---- order ---- */

bool queue_hold(struct queue *queue, struct run *run)
{
    run->room_bytes = run->frame.len;
    run->room = room_take(&queue->room, run->owner, run->room_bytes);
    if (!run->room)
        return false;
    run->serial = ++queue->serial;
    run->is_waiting = true;
    queue->count++;
    return true;
}

bool queue_enter(struct queue *queue, struct run *run)
{
    struct list *waiting = &run->shelf->waiting;
    struct node *before = waiting->last;
    if (!queue_hold(queue, run))
        return false;
    run->rank = order_take(&queue->order, run->owner);
    while (before && ((const struct run *)before->owner)->rank > run->rank)
        before = before->previous;
    node_insert(&run->node, waiting, before);
    return true;
}

static void end_wait(struct queue *queue, struct run *run)
{
    queue->count--;
    run->is_waiting = false;
    run->shelf = NULL;
}

void queue_serve(struct queue *queue, struct run *run)
{
    if (run->shelf)
        order_serve(&queue->order, run->rank);
    end_wait(queue, run);
    room_leave(&queue->room, run->room, run->room_bytes);
}

void queue_drop(struct queue *queue, struct run *run)
{
    if (run->shelf)
        order_give_back(&queue->order, run->owner);
    end_wait(queue, run);
    room_give_back(&queue->room, run->room, run->room_bytes);
    run->room = NULL;
}

void queue_forget(struct queue *queue, struct run *run)
{
    if (run->room)
        room_arrive(&queue->room, run->room, run->room_bytes);
    run->room = NULL;
}

void queue_set_behind(struct queue *queue, struct audience *audience, bool is_behind)
{
    queue->behind_count = queue->behind_count + is_behind - audience->is_behind;
    audience->is_behind = is_behind;
}

struct run *queue_next(const struct queue *queue, const struct shelf *shelf, const struct run *run)
{
    struct run *next = run ? node_next(&run->node) : list_first(&shelf->waiting);
    while (next && queue->behind_count && next->audience->is_behind)
        next = node_next(&next->node);
    return next;
}

uint32_t queue_count(const struct queue *queue, const struct shelf *shelf)
{
    if (queue->behind_count == 0)
        return (uint32_t)shelf->waiting.count;
    uint32_t count = 0;
    for (struct run *run = queue_next(queue, shelf, NULL); run; run = queue_next(queue, shelf, run))
        count++;
    return count;
}

/* ---- room ---- */

uint64_t queue_bytes(const struct queue *queue)
{
    return room_bytes(&queue->room);
}

static struct run *newer_of(struct run *a, struct run *b)
{
    return !a || b->serial > a->serial ? b : a;
}

static struct run *newest_of(const struct queue *queue, const struct room_owner *owner)
{
    struct run *newest = NULL;
    for (size_t i = 0; i < queue->shelves->count; i++) {
        struct run *run = list_first(&queue->shelves->all[i]->waiting);
        for (; run; run = node_next(&run->node)) {
            if (run->room == owner && !run->is_canary)
                newest = newer_of(newest, run);
        }
    }
    return newest;
}

struct run *queue_find_giver(const struct queue *queue, enum room_kind kind, const char *owner,
                             uint64_t wanted)
{
    const struct room_owner *giver = room_giver(&queue->room, kind, owner, wanted);
    return giver ? newest_of(queue, giver) : NULL;
}

/* ---- shelves ---- */

/* Returns the owner of all runs that wait on a shelf; NULL if no run waits, or runs of several
 * owners. */
static struct room_owner *sole_owner(const struct shelf *shelf)
{
    const struct run *first = list_first(&shelf->waiting);
    for (const struct run *run = first; run; run = node_next(&run->node)) {
        if (run->room != first->room)
            return NULL;
    }
    return first ? first->room : NULL;
}

static void count_shelves(const struct queue *queue)
{
    for (struct room_owner *owner = list_first(&queue->room.owners); owner;
         owner = node_next(&owner->node))
        owner->held[ROOM_SHELVES] = 0;
    for (size_t i = 0; i < queue->shelves->count; i++) {
        struct room_owner *sole = sole_owner(queue->shelves->all[i]);
        if (sole && !queue->shelves->all[i]->is_configured)
            sole->held[ROOM_SHELVES]++;
    }
}

/* Returns the least used shelf of this owner; if owner is NULL, a shelf on which no run waits. */
static struct shelf *least_used(const struct queue *queue, const struct room_owner *owner)
{
    struct shelf *least = NULL;
    for (size_t i = 0; i < queue->shelves->count; i++) {
        struct shelf *shelf = queue->shelves->all[i];
        bool is_theirs = owner ? sole_owner(shelf) == owner : shelf->waiting.count == 0;
        if (is_theirs && !shelf->is_configured &&
            (!least || shelf->waiting.count < least->waiting.count))
            least = shelf;
    }
    return least;
}

struct shelf *queue_find_spare_shelf(const struct queue *queue, const char *owner)
{
    struct shelf *unused = least_used(queue, NULL);
    if (unused)
        return unused;
    count_shelves(queue);
    const struct room_owner *giver = room_giver(&queue->room, ROOM_SHELVES, owner, 1);
    return giver ? least_used(queue, giver) : NULL;
}

void queue_report(const struct queue *queue, const struct config *config, struct samples *samples)
{
    samples_put(samples, METRIC_RUNS_WAITING, LABELS(NULL), queue->count);
    samples_put(samples, METRIC_RUNS_WAITING_LIMIT, LABELS(NULL), config->max_waiting);
    samples_put(samples, METRIC_RUNS_WAITING_BYTES, LABELS(NULL), queue_bytes(queue));
    samples_put(samples, METRIC_RUNS_WAITING_BYTES_LIMIT, LABELS(NULL), config->max_waiting_bytes);
}
