#include "broker/pool/box_patience.h"

/* The engine may execute a lost create within the time that this many calls may take. */
#define LATE_CREATE_CALLS 3

uint64_t patience_create_ms(const struct box_patience *patience)
{
    return LATE_CREATE_CALLS * (uint64_t)patience->call_ms;
}

uint32_t patience_fresh_ms(const struct box_patience *patience, uint32_t slot)
{
    return patience->age_ms - patience->age_ms / 8 / 16 * (slot % 16);
}

uint32_t patience_idle_ms(const struct box_patience *patience, uint64_t age_ms)
{
    uint64_t left_ms = patience->age_ms > age_ms ? patience->age_ms - age_ms : 0;
    return left_ms < patience->idle_ms ? (uint32_t)left_ms : patience->idle_ms;
}
