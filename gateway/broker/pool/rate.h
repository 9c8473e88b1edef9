/* rate.h - measures how often a waiting run gets a box, to estimate when a refused client should
 * try again. */
#ifndef MAYFLY_RATE_H
#define MAYFLY_RATE_H

#include <stdint.h>

/* A zeroed rate has measured nothing yet. */
struct rate {
    uint64_t interval_ns; /* smoothed average time between two runs that get a box */
    /* the time when the last run got its box, by clock_now_ns; 0: none has got one */
    uint64_t last_ns;
};

/* Call it when a run gets a box. */
void rate_note(struct rate *rate, uint64_t now_ns);
/* Returns an estimate of the milliseconds until this many waiting runs have got a box, from one
 * second to one minute. */
uint32_t rate_retry_ms(const struct rate *rate, uint32_t waiting_count);

#endif
