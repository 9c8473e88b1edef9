/* clock.h - the two clocks: the monotonic one for waits and measurements, the wall clock only for
 * people and labels. */
#ifndef MAYFLY_CLOCK_H
#define MAYFLY_CLOCK_H

#include <stdint.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S UINT64_C(1000)

uint64_t clock_now_ns(void); /* CLOCK_MONOTONIC */
uint64_t clock_now_ms(void); /* CLOCK_MONOTONIC, in milliseconds */
/* Returns milliseconds since 1970. The wall clock can jump, so never compute a deadline from it. */
uint64_t clock_wall_ms(void);

/* Returns the CPU time that this thread has used so far. */
uint64_t clock_cpu_ns(void);

/* Returns the milliseconds until deadline_ms (of clock_now_ms), or 0 if it has passed. The result
 * can be passed to poll(2). */
int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms);

#endif
