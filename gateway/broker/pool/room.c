#include "broker/pool/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct room_owner *room_find(const struct room *room, const char *name)
{
    struct room_owner *owner = list_first(&room->owners);
    while (owner && strcmp(owner->name, name) != 0)
        owner = node_next(&owner->node);
    return owner;
}

static struct room_owner *add_owner(struct room *room, const char *name)
{
    struct room_owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return NULL;
    snprintf(owner->name, sizeof owner->name, "%s", name);
    node_init(&owner->node, owner);
    node_append(&owner->node, &room->owners);
    return owner;
}

static void forget_idle(struct room_owner *owner)
{
    if (owner->held[ROOM_RUNS] || owner->leaving_count)
        return;
    node_remove(&owner->node);
    free(owner);
}

struct room_owner *room_take(struct room *room, const char *name, uint64_t bytes)
{
    struct room_owner *owner = room_find(room, name);
    if (!owner)
        owner = add_owner(room, name);
    if (!owner)
        return NULL;
    owner->held[ROOM_RUNS]++;
    owner->held[ROOM_BYTES] += bytes;
    room->waiting_bytes += bytes;
    return owner;
}

static void end_wait(struct room *room, struct room_owner *owner, uint64_t bytes)
{
    owner->held[ROOM_RUNS]--;
    owner->held[ROOM_BYTES] -= bytes;
    room->waiting_bytes -= bytes;
}

void room_leave(struct room *room, struct room_owner *owner, uint64_t bytes)
{
    end_wait(room, owner, bytes);
    owner->leaving_count++;
    room->leaving_bytes += bytes;
}

void room_arrive(struct room *room, struct room_owner *owner, uint64_t bytes)
{
    room->leaving_bytes -= bytes;
    owner->leaving_count--;
    forget_idle(owner);
}

void room_give_back(struct room *room, struct room_owner *owner, uint64_t bytes)
{
    end_wait(room, owner, bytes);
    forget_idle(owner);
}

struct room_owner *room_giver(const struct room *room, enum room_kind kind, const char *newcomer,
                              uint64_t wanted)
{
    const struct room_owner *own = room_find(room, newcomer);
    struct room_owner *largest = NULL;
    for (struct room_owner *owner = list_first(&room->owners); owner;
         owner = node_next(&owner->node)) {
        if (owner != own && (!largest || owner->held[kind] > largest->held[kind]))
            largest = owner;
    }
    uint64_t would_hold = (own ? own->held[kind] : 0) + wanted;
    return largest && largest->held[kind] > would_hold ? largest : NULL;
}

uint64_t room_bytes(const struct room *room)
{
    return room->waiting_bytes + room->leaving_bytes;
}

void room_release(struct room *room)
{
    struct room_owner *owner;
    while ((owner = list_take(&room->owners)) != NULL)
        free(owner);
}
