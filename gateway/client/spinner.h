/* spinner.h - a sign of life on stderr while a person waits: one line, drawn over itself.
 *
 * Drawn only where it is enabled (a terminal), and gone for good before anything else is written.
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
    uint64_t next_ms;  /* when it is drawn again */
};

/* Enabled where stderr is a terminal that can erase a line, and `wanted`. */
void spinner_init(struct spinner *spinner, bool wanted, uint64_t now_ms);

/* Draw it if its time has come: the elapsed time, and what is waited for. */
void spinner_turn(struct spinner *spinner, uint64_t now_ms, const char *what);

/* Erase it; it does not come back. */
void spinner_end(struct spinner *spinner);

#endif
