/* backoff.h - waiting times that double after each failure, up to a maximum. Pure. */
#ifndef MAYFLY_BACKOFF_H
#define MAYFLY_BACKOFF_H

#include <stdint.h>

/* Set first_ms and most_ms (at most half of UINT32_MAX) once. now_ms starts at 0. */
struct backoff {
    uint32_t first_ms, most_ms;
    uint32_t now_ms; /* the last waiting time; 0: none yet */
};

/* Returns the next waiting time, in milliseconds. */
static inline uint32_t backoff_next(struct backoff *backoff)
{
    uint32_t next_ms = backoff->now_ms ? backoff->now_ms * 2 : backoff->first_ms;
    backoff->now_ms = next_ms < backoff->most_ms ? next_ms : backoff->most_ms;
    return backoff->now_ms;
}

/* Call this after a success: the next waiting time is first_ms again. */
static inline void backoff_reset(struct backoff *backoff)
{
    backoff->now_ms = 0;
}

#endif
