/* room.h - counts how much of the queue's room each owner uses, and decides whose run must leave
 * when the room is used up.
 *
 * Each waiting run counts for its owner, with the bytes of its frame. When the room is used up, the
 * owner who uses the most loses a waiting run to the new run. This happens only if the new run's
 * owner would use less than that owner, even with the new run. Otherwise the new run is refused. So
 * a heavy user cannot take the room of the others. The bytes of runs that are being sent to a box
 * count too, but cannot be freed.
 *
 * This module knows neither runs nor the clock.
 */
#ifndef MAYFLY_ROOM_H
#define MAYFLY_ROOM_H

#include "common/job.h"
#include "common/list.h"

/* The limited resources: runs, bytes of their frames, shelves. */
enum room_kind { ROOM_RUNS, ROOM_BYTES, ROOM_SHELVES };

struct room_owner {
    struct node node;
    char name[JOB_OWNER_NAME_MAX + 1];
    /* the owner's usage, by kind; held[ROOM_SHELVES] is valid only after the queue has counted
     * shelves */
    uint64_t held[ROOM_SHELVES + 1];
    size_t leaving_count; /* runs whose frames are on their way to a box */
};

/* A zeroed room has no waiting run. */
struct room {
    struct list owners;
    uint64_t waiting_bytes, leaving_bytes;
};

/* Count a run of this owner that begins to wait, with a frame of this many bytes. Returns the
 * owner, or NULL if memory is exhausted. The pointer is valid until room_arrive or room_give_back
 * for the owner's last counted run. */
struct room_owner *room_take(struct room *room, const char *name, uint64_t bytes);
/* Note that a run stops waiting, because its frame is sent to a box. Call room_arrive when that is
 * done. */
void room_leave(struct room *room, struct room_owner *owner, uint64_t bytes);
void room_arrive(struct room *room, struct room_owner *owner, uint64_t bytes);
/* Note that a run stops waiting without getting a box. */
void room_give_back(struct room *room, struct room_owner *owner, uint64_t bytes);

/* Returns the owner with this name, or NULL if no run of this owner is counted. */
struct room_owner *room_find(const struct room *room, const char *name);
/* Returns the owner who must lose a waiting run so that the owner `newcomer` can use `wanted` more
 * of this kind. It is the largest of the other owners, if they use more than the newcomer would
 * then use. Returns NULL if the newcomer must be refused. */
struct room_owner *room_giver(const struct room *room, enum room_kind kind, const char *newcomer,
                              uint64_t wanted);
/* Returns the bytes of all frames: of waiting runs, and of runs that are being sent to a box. */
uint64_t room_bytes(const struct room *room);
void room_release(struct room *room);

#endif
