/* box_patience.h - the times that a box is given. Pure. */
#ifndef MAYFLY_BOX_PATIENCE_H
#define MAYFLY_BOX_PATIENCE_H

#include <stdint.h>

struct box_patience {
    uint32_t call_ms;  /* a call of the engine's */
    uint32_t start_ms; /* from the start's request to READY */
    uint32_t age_ms;   /* a READY box leaves at this age */
    uint32_t idle_ms;  /* the longest wait of a box that has served runs for the next one */
};

/* How long after its birth a container whose create was not answered may still appear. */
uint64_t patience_create_ms(const struct box_patience *patience);
/* How long a fresh box stays READY. Boxes that became ready together do not leave together: up to
 * an eighth earlier, by slot. */
uint32_t patience_fresh_ms(const struct box_patience *patience, uint32_t slot);
/* How long a box that has served runs stays READY. Its age counts from its birth. */
uint32_t patience_idle_ms(const struct box_patience *patience, uint64_t age_ms);

#endif
