#include "broker/pool/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct room_holder *room_find(const struct room *room, const char *name)
{
    struct room_holder *holder = list_first(&room->holders);
    while (holder && strcmp(holder->name, name) != 0)
        holder = node_next(&holder->link);
    return holder;
}

static struct room_holder *add_holder(struct room *room, const char *name)
{
    struct room_holder *holder = calloc(1, sizeof(*holder));
    if (!holder)
        return NULL;
    snprintf(holder->name, sizeof(holder->name), "%s", name);
    node_init(&holder->link, holder);
    node_append(&holder->link, &room->holders);
    return holder;
}

static void forget_idle(struct room_holder *holder)
{
    if (holder->held[ROOM_RUNS] || holder->leaving_count)
        return;
    node_remove(&holder->link);
    free(holder);
}

struct room_holder *room_take(struct room *room, const char *name, uint64_t bytes)
{
    struct room_holder *holder = room_find(room, name);
    if (!holder)
        holder = add_holder(room, name);
    if (!holder)
        return NULL;
    holder->held[ROOM_RUNS]++;
    holder->held[ROOM_BYTES] += bytes;
    room->waiting_bytes += bytes;
    return holder;
}

static void end_wait(struct room *room, struct room_holder *holder, uint64_t bytes)
{
    holder->held[ROOM_RUNS]--;
    holder->held[ROOM_BYTES] -= bytes;
    room->waiting_bytes -= bytes;
}

void room_leave(struct room *room, struct room_holder *holder, uint64_t bytes)
{
    end_wait(room, holder, bytes);
    holder->leaving_count++;
    room->leaving_bytes += bytes;
}

void room_arrive(struct room *room, struct room_holder *holder, uint64_t bytes)
{
    room->leaving_bytes -= bytes;
    holder->leaving_count--;
    forget_idle(holder);
}

void room_give_back(struct room *room, struct room_holder *holder, uint64_t bytes)
{
    end_wait(room, holder, bytes);
    forget_idle(holder);
}

struct room_holder *room_giver(const struct room *room, enum room_kind kind, const char *newcomer,
                               uint64_t wanted)
{
    const struct room_holder *own = room_find(room, newcomer);
    struct room_holder *largest = NULL;
    for (struct room_holder *holder = list_first(&room->holders); holder;
         holder = node_next(&holder->link))
        if (holder != own && (!largest || holder->held[kind] > largest->held[kind]))
            largest = holder;
    uint64_t would_hold = (own ? own->held[kind] : 0) + wanted;
    return largest && largest->held[kind] > would_hold ? largest : NULL;
}

uint64_t room_bytes(const struct room *room)
{
    return room->waiting_bytes + room->leaving_bytes;
}

void room_release(struct room *room)
{
    struct room_holder *holder;
    while ((holder = list_take(&room->holders)) != NULL)
        free(holder);
}
