/* patience.h - how long the client of an answer may let bytes of it wait.
 *
 * The client has a timeout in all, and a second more for each PATIENCE_LEAST_RATE bytes that it has
 * read. So a whole answer takes no longer than the timeout and its size at that rate, be it sent at
 * once, in parts, or as things happen. Only the time counts in which bytes wait for the client.
 * Pure: times are the caller's.
 */
#ifndef MAYFLY_PATIENCE_H
#define MAYFLY_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#define PATIENCE_LEAST_RATE ((uint64_t)256 << 10)
/* A client that reads as much, or has let us wait for less, is not slow. */
#define PATIENCE_QUICK_RATE ((uint64_t)4 << 20)
#define PATIENCE_SLOW_FROM_MS 2000

/* Zero-initialised plus timeout_ms is one at the beginning of an answer. */
struct patience {
    uint64_t timeout_ms;
    uint64_t read_bytes; /* of this answer, as far as is known; the caller's to set */
    bool is_waiting;
    uint64_t since_ms;  /* while it is */
    uint64_t waited_ms; /* before that */
};

/* Bytes begin to wait for the client; or no bytes wait any more. */
void patience_begin(struct patience *patience, uint64_t now_ms);
void patience_end(struct patience *patience, uint64_t now_ms);

/* How much longer the client may take; 0: it has taken too long. */
uint64_t patience_left_ms(const struct patience *patience, uint64_t now_ms);
/* How long a slow client has let us wait; 0: it is not slow. */
uint64_t patience_slow_ms(const struct patience *patience, uint64_t now_ms);

#endif
