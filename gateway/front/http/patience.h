/* patience.h - how long a client may let bytes of its answer wait.
 *
 * The client has a timeout in all, plus one second for each PATIENCE_LEAST_RATE bytes that it has
 * read. So a whole answer takes at most the timeout plus the time for its size at that rate,
 * whether it is sent at once, in parts, or as events happen. Only the time in which bytes wait for
 * the client counts. Pure: times are the caller's.
 */
#ifndef MAYFLY_PATIENCE_H
#define MAYFLY_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_LEAST_RATE ((uint64_t)256 << 10)
/* A client that reads this fast, or has let us wait for less time, is not slow. */
#define PATIENCE_QUICK_RATE ((uint64_t)4 << 20)
#define PATIENCE_SLOW_FROM_MS 2000

/* To initialise at the beginning of an answer: zero it, then set timeout_ms. */
struct patience {
    uint64_t timeout_ms;
    uint64_t read_bytes; /* of this answer, as far as is known; the caller sets it */
    bool is_waiting;
    uint64_t since_ms;  /* while is_waiting */
    uint64_t waited_ms; /* in earlier waits */
};

/* Call these when bytes begin to wait for the client, and when none wait any more. */
void patience_begin(struct patience *patience, uint64_t now_ms);
void patience_end(struct patience *patience, uint64_t now_ms);

/* How much longer the client may take; 0: it has taken too long. */
uint64_t patience_left_ms(const struct patience *patience, uint64_t now_ms);
/* Returns for how long a slow client has let us wait; 0 if it is not slow. */
uint64_t patience_slow_ms(const struct patience *patience, uint64_t now_ms);

#endif
