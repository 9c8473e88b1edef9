/* room.h - how much of the room to wait in each owner holds, and which owner gives way.
 *
 * Each waiting run is counted for its owner, with the bytes of its frame. When room runs out, the
 * owner who holds the most gives way to one who holds less; a newcomer who would hold as much as
 * the largest is refused. So a crowd only ever fills its own share. Bytes that are on their way to
 * a box are counted too, but nobody can give them up.
 *
 * Pure: no run, no clock.
 */
#ifndef MAYFLY_ROOM_H
#define MAYFLY_ROOM_H

#include "common/job.h"
#include "common/list.h"

/* The scarce things. */
enum room_kind { ROOM_RUNS, ROOM_BYTES, ROOM_SHELVES };

struct room_owner {
    struct node node;
    char name[JOB_OWNER_NAME_MAX + 1];
    /* By kind. held[ROOM_SHELVES] is valid only after the queue has counted shelves. */
    uint64_t held[ROOM_SHELVES + 1];
    size_t leaving_count; /* runs whose frames are on their way to a box */
};

/* Zero-initialised is valid: nobody waits. */
struct room {
    struct list owners;
    uint64_t waiting_bytes, leaving_bytes;
};

/* A run of this name's owner waits, with this many bytes. Returns the owner, good until room_leave
 * or room_give_back for the last of its runs; NULL when memory is out. */
struct room_owner *room_take(struct room *room, const char *name, uint64_t bytes);
/* A run waits no longer; its bytes are on their way to a box, until room_arrive. */
void room_leave(struct room *room, struct room_owner *owner, uint64_t bytes);
void room_arrive(struct room *room, struct room_owner *owner, uint64_t bytes);
/* A run goes, having waited. */
void room_give_back(struct room *room, struct room_owner *owner, uint64_t bytes);

/* The owner of that name; NULL: it holds nothing. */
struct room_owner *room_find(const struct room *room, const char *name);
/* The owner that gives way to a newcomer who wants so much more: the largest, when it holds more
 * than the newcomer would. NULL: the newcomer gives way. */
struct room_owner *room_giver(const struct room *room, enum room_kind kind, const char *newcomer,
                              uint64_t wanted);
/* Everything that is in the process's memory. */
uint64_t room_bytes(const struct room *room);
void room_release(struct room *room);

#endif
