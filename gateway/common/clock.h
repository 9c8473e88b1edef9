/* clock.h - the two clocks: monotonic for waits and measures, wall for people and labels only. */
#ifndef MAYFLY_CLOCK_H
#define MAYFLY_CLOCK_H

#include <stdint.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S UINT64_C(1000)

uint64_t clock_now_ns(void); /* CLOCK_MONOTONIC */
uint64_t clock_now_ms(void); /* the same, in milliseconds */
/* Milliseconds since 1970; can jump: never used for a deadline of ours. */
uint64_t clock_wall_ms(void);

/* Returns the CPU time that this thread has had: for measures of our own work. */
uint64_t clock_cpu_ns(void);

/* Milliseconds until deadline_ms (of clock_now_ms), 0 when passed; fits poll(2)'s timeout. */
int clock_until_ms(uint64_t deadline_ms, uint64_t now_ms);

#endif
