/* backoff.h - waits that double after each failure, from a first wait to a longest one. Pure. */
#ifndef MAYFLY_BACKOFF_H
#define MAYFLY_BACKOFF_H

#include <stdint.h>

/* Set first_ms and most_ms (at most half of UINT32_MAX) once. Start with now_ms 0. */
struct backoff {
    uint32_t first_ms, most_ms;
    uint32_t now_ms; /* the last wait; 0: none yet */
};

/* Returns the next wait, in milliseconds. */
static inline uint32_t backoff_next(struct backoff *backoff)
{
    uint32_t next_ms = backoff->now_ms ? backoff->now_ms * 2 : backoff->first_ms;
    backoff->now_ms = next_ms < backoff->most_ms ? next_ms : backoff->most_ms;
    return backoff->now_ms;
}

/* Call this after a success. The next wait is then the first one again. */
static inline void backoff_reset(struct backoff *backoff)
{
    backoff->now_ms = 0;
}

#endif
