/* spinner.h - a progress line on stderr while a person waits, redrawn in place.
 *
 * Drawn only where it is enabled (a terminal), and erased before anything else is written.
 */
#ifndef MAYFLY_SPINNER_H
#define MAYFLY_SPINNER_H

#include <stdbool.h>
#include <stdint.h>

#define SPINNER_TICK_MS 100

struct spinner {
    bool is_enabled;
    bool is_drawn;
    uint64_t begun_ms; /* of clock_now_ms */
    uint64_t next_ms;  /* time of the next drawing */
};

/* Enable the spinner if it is `wanted` and stderr is a terminal that can erase a line. */
void spinner_init(struct spinner *spinner, bool wanted, uint64_t now_ms);

/* Draw it when it is due: the elapsed time, and `what`. */
void spinner_turn(struct spinner *spinner, uint64_t now_ms, const char *what);

/* Erase it for the rest of the run. */
void spinner_end(struct spinner *spinner);

#endif
