/* rate.h - measures how often a run gets a box, to tell when a place in the queue will be free.
 * Pure. */
#ifndef MAYFLY_RATE_H
#define MAYFLY_RATE_H

#include <stdint.h>

/* A zeroed rate has measured nothing yet. */
struct rate {
    uint64_t interval_ns; /* between two pairings, smoothed */
    uint64_t last_ns;     /* the last pairing, in clock_now_ns; 0: none */
};

/* A run has got a box. */
void rate_note(struct rate *rate, uint64_t now_ns);
/* Returns the milliseconds until this many waiting runs have a box: from one second to one minute.
 */
uint32_t rate_retry_ms(const struct rate *rate, uint32_t waiting_count);

#endif
