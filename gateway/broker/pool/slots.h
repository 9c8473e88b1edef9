/* slots.h - the numbers that tell boxes apart: each box has one from its creation to its removal.
 *
 * A box's uid is first_uid + its slot. Two gateways on one engine must not share uids: each has a
 * block of its own, by its instance. Pure.
 */
#ifndef MAYFLY_SLOTS_H
#define MAYFLY_SLOTS_H

#include "common/config.h"

struct slots {
    uint32_t taken_count;
    uint32_t first_uid;
    bool *is_taken; /* max_boxes of them */
};

/* Returns false on no memory. */
bool slots_init(struct slots *slots, const struct config *config, const char *instance);
void slots_release(struct slots *slots);
uint32_t slots_take(struct slots *slots); /* the lowest free one; requires that there is one */
void slots_give_back(struct slots *slots, uint32_t slot);

#endif
