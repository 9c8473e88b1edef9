/* patience.h - the time that a client may take to read its answer.
 *
 * A client may take timeout_ms, plus one second for each PATIENCE_LEAST_RATE bytes that it has
 * read. So a whole answer takes at most timeout_ms plus the time for its size at that rate, however
 * it is cut into pieces. Only time in which bytes wait for the client counts. Pure: the caller
 * passes the time.
 */
#ifndef MAYFLY_PATIENCE_H
#define MAYFLY_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_LEAST_RATE ((uint64_t)256 << 10)
/* A client is not slow if it reads at this rate, or if it has let bytes wait for less than this
 * time. */
#define PATIENCE_QUICK_RATE ((uint64_t)4 << 20)
#define PATIENCE_SLOW_FROM_MS 2000

/* To initialise at the start of an answer: zero it, then set timeout_ms. */
struct patience {
    uint64_t timeout_ms;
    /* bytes of this answer that the client has read, as far as known; set by the caller */
    uint64_t read_bytes;
    bool is_waiting;
    uint64_t since_ms;  /* start of the current wait */
    uint64_t waited_ms; /* total of earlier waits */
};

/* Call these when bytes begin to wait for the client, and when no bytes wait any more. */
void patience_begin(struct patience *patience, uint64_t now_ms);
void patience_end(struct patience *patience, uint64_t now_ms);

/* Returns how much longer the client may take; 0 if its time is used up. */
uint64_t patience_left_ms(const struct patience *patience, uint64_t now_ms);
/* Returns for how many ms a slow client has let bytes wait; 0 if it is not slow. */
uint64_t patience_slow_ms(const struct patience *patience, uint64_t now_ms);

#endif
