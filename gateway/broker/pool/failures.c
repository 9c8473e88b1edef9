#include "broker/pool/failures.h"

#include "broker/pool/remedy.h"

/* After this many failed starts in a row, the waiting runs are refused. */
#define TROUBLE_COUNT 3
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 1000

static void on_pause_ended(void *arg)
{
    (void)arg; /* the next turn starts boxes again */
}

void failures_init(struct failures *failures, struct timers *timers)
{
    failures->timers = timers;
    failures->backoff = (struct backoff){.first_ms = BACKOFF_FIRST_MS, .most_ms = BACKOFF_MOST_MS};
    failures->pause.on_due = on_pause_ended;
}

void failures_release(struct failures *failures)
{
    timer_stop(failures->timers, &failures->pause);
}

void failures_note(struct failures *failures, const struct error *why)
{
    const char *remedy = remedy_for(why->text);
    failures->count++;
    failures->in_a_row++;
    error_set(&failures->last, why->kind, "boxes cannot be started: %s%s%s", why->text,
              remedy ? "; remedy: " : "", remedy ? remedy : "");
    timer_start(failures->timers, &failures->pause, backoff_next(&failures->backoff));
}

void failures_forget(struct failures *failures)
{
    failures->in_a_row = 0;
    backoff_reset(&failures->backoff);
}

bool failures_pause(const struct failures *failures)
{
    return timer_runs(&failures->pause);
}

const struct error *failures_trouble(const struct failures *failures)
{
    return failures->in_a_row >= TROUBLE_COUNT ? &failures->last : NULL;
}
