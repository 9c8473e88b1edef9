/* clock.h - the two clocks: monotonic for waits and measurements, wall for people and labels
 * only. */
#ifndef MAYFLY_CLOCK_H
#define MAYFLY_CLOCK_H

#include <stdint.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S UINT64_C(1000)

uint64_t clock_now_ns(void); /* CLOCK_MONOTONIC */
uint64_t clock_now_ms(void); /* CLOCK_MONOTONIC, in milliseconds */
/* Returns milliseconds since 1970. This clock can jump, so no deadline uses it. */
uint64_t clock_wall_ms(void);

/* Returns the CPU time that this thread has used. Measures our own work. */
uint64_t clock_cpu_ns(void);

/* Returns the milliseconds until deadline_ms (of clock_now_ms), 0 when it has passed. Fits
 * poll(2)'s timeout. */
int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms);

#endif
