#include "broker/pool/slots.h"

#include <stdlib.h>

static uint32_t first_uid(const struct config *config, const char *instance)
{
    uint32_t number = 0;
    for (const char *digit = instance; *digit; digit++)
        number = number * 31 + (uint8_t)*digit;
    return config->uid_base + number % config->uid_blocks * CONFIG_UID_BLOCK_SIZE;
}

bool slots_init(struct slots *slots, const struct config *config, const char *instance)
{
    slots->first_uid = first_uid(config, instance);
    slots->is_taken = calloc(config->max_boxes, sizeof *slots->is_taken);
    return slots->is_taken != NULL;
}

void slots_release(struct slots *slots)
{
    free(slots->is_taken);
}

uint32_t slots_take(struct slots *slots)
{
    uint32_t slot = 0;
    while (slots->is_taken[slot])
        slot++;
    slots->is_taken[slot] = true;
    slots->taken_count++;
    return slot;
}

void slots_give_back(struct slots *slots, uint32_t slot)
{
    slots->is_taken[slot] = false;
    slots->taken_count--;
}
