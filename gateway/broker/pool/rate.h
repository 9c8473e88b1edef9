/* rate.h - how often a run gets a box, and when a place to wait will be free by that. Pure. */
#ifndef MAYFLY_RATE_H
#define MAYFLY_RATE_H

#include <stdint.h>

/* Zero-initialised is valid: nothing was measured. */
struct rate {
    uint64_t interval_ns; /* between two pairings, smoothed */
    uint64_t last_ns;     /* of clock_now_ns: the last pairing; 0: none */
};

/* A run has got a box. */
void rate_note(struct rate *rate, uint64_t now_ns);
/* Milliseconds until so many waiting runs have a box: from one second to one minute. */
uint32_t rate_retry_ms(const struct rate *rate, uint32_t waiting_count);

#endif
