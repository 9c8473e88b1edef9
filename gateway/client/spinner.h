/* spinner.h - a progress line on stderr while the user waits, redrawn in place.
 *
 * It appears only on a terminal, and is erased before anything else is written.
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
    uint64_t next_ms;  /* when to draw it next */
};

/* Enable the spinner if it is `wanted` and stderr is a terminal that can erase a line. */
void spinner_init(struct spinner *spinner, bool wanted, uint64_t now_ms);

/* Draw it when it is due: the elapsed time, and `what`. */
void spinner_turn(struct spinner *spinner, uint64_t now_ms, const char *what);

/* Erase the line and do not draw it again. */
void spinner_end(struct spinner *spinner);

#endif
