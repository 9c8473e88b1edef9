/* box_patience.h - the times for which a box may stay in its states. Pure. */
#ifndef MAYFLY_BOX_PATIENCE_H
#define MAYFLY_BOX_PATIENCE_H

#include <stdint.h>

struct box_patience {
    uint32_t call_ms;  /* a call to the engine */
    uint32_t start_ms; /* from the request to start until READY */
    uint32_t age_ms;   /* a READY box leaves at this age */
    uint32_t idle_ms;  /* how long a box that has served runs waits for the next one */
};

/* Returns the time after a create without an answer in which the container may still appear. */
uint64_t patience_create_ms(const struct box_patience *patience);
/* Returns the time for which a fresh box stays READY: age_ms, minus up to an eighth of it that
 * depends on the slot. So boxes that became READY together do not leave together. */
uint32_t patience_fresh_ms(const struct box_patience *patience, uint32_t slot);
/* Returns how long a box that has served runs stays READY. age_ms is its age since its birth. */
uint32_t patience_idle_ms(const struct box_patience *patience, uint64_t age_ms);

#endif
