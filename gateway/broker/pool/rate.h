/* rate.h - measures how often a waiting run gets a box, to estimate when a refused client should
 * try again. */
#ifndef MAYFLY_RATE_H
#define MAYFLY_RATE_H

#include <stdint.h>

/* In a zeroed rate, nothing has been measured. */
struct rate {
    uint64_t interval_ns; /* smoothed average time between two runs that get a box */
    uint64_t last_ns;     /* when a run last got a box, by clock_now_ns; 0: never */
};

/* Call it when a run gets a box. */
void rate_note(struct rate *rate, uint64_t now_ns);
/* Returns the estimated milliseconds until this many waiting runs have got a box: at least one
 * second, at most one minute. */
uint32_t rate_retry_ms(const struct rate *rate, uint32_t waiting_count);

#endif
