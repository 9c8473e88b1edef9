#include "broker/pool/refill.h"

/* After this time, most runs have finished. If a start began together with a lease, it would take
 * its core from the run that has just got the box. */
#define PAUSE_MS 10
/* After this time, a burst of short runs has been served. */
#define LOW_AFTER_MS 100
/* After this time, the pool is filled even while long runs keep all cores busy. Starting one box
 * each second costs two cores less than a tenth of their time. */
#define ANY_AFTER_MS 1000

static void on_pause_ended(void *arg)
{
    (void)arg; /* the turn that follows asks for the urgency */
}

static void on_step(void *arg)
{
    struct refill *refill = arg;
    if (refill->urgency == PLAN_REFILL_LOW) {
        refill->urgency = PLAN_REFILL_ANY;
        return;
    }
    refill->urgency = PLAN_REFILL_LOW;
    timer_start(refill->timers, &refill->step, ANY_AFTER_MS - LOW_AFTER_MS);
}

static void wait_anew(struct refill *refill)
{
    refill->urgency = PLAN_REFILL_IDLE;
    timer_start(refill->timers, &refill->step, LOW_AFTER_MS);
}

void refill_init(struct refill *refill, struct timers *timers)
{
    *refill = (struct refill){.timers = timers,
                              .pause = {.on_due = on_pause_ended},
                              .step = {.on_due = on_step, .arg = refill},
                              .urgency = PLAN_REFILL_IDLE};
}

void refill_note_lease(struct refill *refill, bool was_full)
{
    if (!timer_runs(&refill->pause))
        timer_start(refill->timers, &refill->pause, PAUSE_MS);
    if (was_full)
        wait_anew(refill);
}

void refill_note_ready(struct refill *refill)
{
    wait_anew(refill);
}

enum plan_refill refill_urgency(const struct refill *refill)
{
    return timer_runs(&refill->pause) ? PLAN_REFILL_NOT : refill->urgency;
}

void refill_release(struct refill *refill)
{
    timer_stop(refill->timers, &refill->pause);
    timer_stop(refill->timers, &refill->step);
}
