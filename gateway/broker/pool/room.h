/* room.h - how much of the queue's room each owner holds, and which owner gives way.
 *
 * Each waiting run is counted for its owner, with the bytes of its frame. When room runs out, the
 * owner who holds the most gives way to one who holds less. An owner who would then hold as much as
 * the largest one is refused. So a heavy user only ever fills their own share. Bytes that are on
 * their way to a box are counted too, but cannot be given up.
 *
 * Pure: no run, no clock.
 */
#ifndef MAYFLY_ROOM_H
#define MAYFLY_ROOM_H

#include "common/job.h"
#include "common/list.h"

/* The scarce resources. */
enum room_kind { ROOM_RUNS, ROOM_BYTES, ROOM_SHELVES };

struct room_owner {
    struct node node;
    char name[JOB_OWNER_NAME_MAX + 1];
    /* By kind. held[ROOM_SHELVES] is valid only after the queue has counted shelves. */
    uint64_t held[ROOM_SHELVES + 1];
    size_t leaving_count; /* runs whose frames are on their way to a box */
};

/* In a zeroed room, no run waits. */
struct room {
    struct list owners;
    uint64_t waiting_bytes, leaving_bytes;
};

/* A run of the owner with this name begins to wait, with this many bytes. Returns the owner, valid
 * until the end of the last of its runs here (room_arrive or room_give_back); NULL when memory is
 * out. */
struct room_owner *room_take(struct room *room, const char *name, uint64_t bytes);
/* A run stops waiting. Its bytes are on their way to a box until room_arrive. */
void room_leave(struct room *room, struct room_owner *owner, uint64_t bytes);
void room_arrive(struct room *room, struct room_owner *owner, uint64_t bytes);
/* A run leaves while it waits. */
void room_give_back(struct room *room, struct room_owner *owner, uint64_t bytes);

/* Returns the owner with this name; NULL if it holds nothing. */
struct room_owner *room_find(const struct room *room, const char *name);
/* Returns the owner who gives way when a newcomer wants `wanted` more: the largest one, if it holds
 * more than the newcomer then would. NULL: the newcomer gives way. */
struct room_owner *room_giver(const struct room *room, enum room_kind kind, const char *newcomer,
                              uint64_t wanted);
/* Returns all bytes: waiting, and on their way to a box. */
uint64_t room_bytes(const struct room *room);
void room_release(struct room *room);

#endif
