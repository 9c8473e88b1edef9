/* refill.h - decides how urgent it is to replace boxes that were leased.
 *
 * Starting a box keeps a core busy for a tenth of a second, and running programs need the core
 * more. So a replacement waits for an idle core (plan.h). If no core becomes idle, it waits for a
 * limited time only, which is shorter if few boxes are left. Then boxes are started one at a time
 * in spite of the busy cores, and the wait begins again after each.
 */
#ifndef MAYFLY_REFILL_H
#define MAYFLY_REFILL_H

#include "broker/pool/plan.h"
#include "common/timer.h"

struct refill {
    struct timers *timers; /* borrowed from refill_init */

    /* private to refill.c */
    struct timer pause;       /* no box is replaced while this timer runs */
    struct timer step;        /* raises the urgency */
    enum plan_refill urgency; /* valid while `pause` does not run */
};

void refill_init(struct refill *refill, struct timers *timers);
/* Call it when a fresh box was leased. was_full: until then, its shelf had all its warm boxes. */
void refill_note_lease(struct refill *refill, bool was_full);
/* Call it when a box became READY. The wait for the next replacement begins again. */
void refill_note_ready(struct refill *refill);
/* Returns the urgency for plan.h. Draining is not considered here. */
enum plan_refill refill_urgency(const struct refill *refill);
void refill_release(struct refill *refill); /* stops the timers */

#endif
