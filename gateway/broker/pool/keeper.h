/* keeper.h - the boxes that have served a run, and are kept for the next one of their owner.
 *
 * The keeper finds the kept box for a run, and the kept box to evict first. If a box could have
 * been kept and was removed, the keeper counts the reason. The stock moves the boxes. Only
 * keeper_reason and keeper_note_reset read the clock.
 */
#ifndef MAYFLY_KEEPER_H
#define MAYFLY_KEEPER_H

#include "broker/pool/box.h"
#include "broker/pool/shelf.h"
#include "common/sample.h"

/* A zeroed keeper is valid. */
struct keeper {
    uint64_t resets_count; /* boxes that became READY again */
    struct histogram resets;
    uint64_t retired[RETIREMENTS_COUNT];
};

/* Find a box that is kept for this tenant, and has served fewer than runs_most runs. If there are
 * several, chooses the one that was used last. Returns NULL if there is none. */
struct box *keeper_find(const struct shelf *shelf, struct tenant tenant, uint32_t runs_most);
/* Find the kept box that has been idle the longest. If no box is kept, find a box in reset that is
 * reserved for no waiting run. Returns NULL if there is none. */
struct box *keeper_victim(const struct shelves *shelves);
/* Count the kept boxes, and the boxes in reset that are reserved for no waiting run. */
void keeper_count(const struct shelves *shelves, uint32_t *kept, uint32_t *resetting);

/* Judge a run's last frame. Returns why the box is removed, or RETIRED_NOT if it stays. A session's
 * box stays after every well-formed END. */
enum retirement keeper_judge(const struct box *box, const struct frame *frame);
/* Returns why a box left by itself. */
enum retirement keeper_reason(const struct box *box, const struct box_leave *leave);
/* Count and log that a box serves no more runs. `detail` may be NULL. No-op for a box that was
 * allowed only one run, or is leased to a session. */
void keeper_note(struct keeper *keeper, const struct box *box, enum retirement why,
                 const char *detail);

/* Count a box that is READY again, and the time since its run's end. */
void keeper_note_reset(struct keeper *keeper, const struct box *box);

/* Append the metrics of kept boxes. */
void keeper_report(const struct keeper *keeper, const struct shelves *shelves,
                   struct samples *samples);

#endif
