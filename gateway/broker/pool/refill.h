/* refill.h - how urgently boxes that were leased are replaced.
 *
 * Starting a box takes a core for a tenth of a second, and the present runs need the core more. So
 * a replacement waits for an idle core (plan.h). If runs leave none, it waits only for a limited
 * time: a short one if few boxes are left, else a longer one. Then one box at a time is made beside
 * the runs, with a pause after each. Knows no box.
 */
#ifndef MAYFLY_REFILL_H
#define MAYFLY_REFILL_H

#include "broker/pool/plan.h"
#include "common/timer.h"

struct refill {
    struct timers *timers; /* borrowed from refill_init */

    /* private to refill.c */
    struct timer pause;       /* nothing is replaced while it runs */
    struct timer step;        /* raises the urgency */
    enum plan_refill urgency; /* when there is no pause */
};

void refill_init(struct refill *refill, struct timers *timers);
/* A fresh box was leased. was_full: until then its shelf missed no box. */
void refill_note_lease(struct refill *refill, bool was_full);
/* A box became READY: the next replacement waits again. */
void refill_note_ready(struct refill *refill);
/* For plan.h; not while draining. */
enum plan_refill refill_urgency(const struct refill *refill);
void refill_release(struct refill *refill); /* stops the timers */

#endif
