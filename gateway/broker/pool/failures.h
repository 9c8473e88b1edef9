/* failures.h - counts failed starts of boxes. After each further failure in a row, the next start
 * waits longer.
 *
 * Knows no box and no engine.
 */
#ifndef MAYFLY_FAILURES_H
#define MAYFLY_FAILURES_H

#include "common/backoff.h"
#include "common/error.h"
#include "common/timer.h"

struct failures {
    /* private to failures.c, except `count` */
    uint64_t count; /* all failed starts */
    uint32_t in_a_row;
    struct error last;
    struct backoff backoff;
    struct timer pause; /* no box is started while this timer runs */
    struct timers *timers;
};

/* Fill a zeroed struct. Borrows timers. */
void failures_init(struct failures *failures, struct timers *timers);
void failures_release(struct failures *failures);

/* Call it after a failed start. */
void failures_note(struct failures *failures, const struct error *why);
/* Call it after a successful start, or when the engine is back. */
void failures_forget(struct failures *failures);

/* Returns true if the next start must wait. */
bool failures_pause(const struct failures *failures);
/* Returns why boxes cannot be started, after several failures in a row; NULL if they can. */
const struct error *failures_trouble(const struct failures *failures);

#endif
