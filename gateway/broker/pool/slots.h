/* slots.h - gives each box a slot number, unique among the gateway's boxes from creation to
 * removal.
 *
 * A box's user ID is first_uid + slot. Two gateways on one engine should not share user IDs. So
 * each gateway uses a block of user IDs that depends on its instance name.
 */
#ifndef MAYFLY_SLOTS_H
#define MAYFLY_SLOTS_H

#include "common/config.h"

struct slots {
    uint32_t taken_count;
    uint32_t first_uid;
    bool *is_taken; /* max_boxes entries, by slot */
};

/* Returns false if memory is exhausted. */
bool slots_init(struct slots *slots, const struct config *config, const char *instance);
void slots_release(struct slots *slots);
uint32_t slots_take(struct slots *slots); /* the lowest free slot; requires that there is one */
void slots_give_back(struct slots *slots, uint32_t slot);

#endif
