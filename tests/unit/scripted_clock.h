/* scripted_clock.h - a clock and timers that a test moves, in place of clock.c and timer.c: their
 * functions are defined here, so the archive's are not linked.
 *
 * Time moves by script_pass only.
 */
#ifndef MAYFLY_SCRIPTED_CLOCK_H
#define MAYFLY_SCRIPTED_CLOCK_H

#include "unit.h"

#include "common/clock.h"
#include "common/timer.h"

static uint64_t script_now_ms = 1000;
static struct timer *script_timers[4096];

uint64_t clock_now_ns(void)
{
    return script_now_ms * NS_PER_MS;
}

uint64_t clock_now_ms(void)
{
    return script_now_ms;
}

uint64_t clock_wall_ms(void)
{
    return UINT64_C(1700000000000) + script_now_ms;
}

void timer_stop(struct timers *timers, struct timer *timer)
{
    (void)timers;
    if (timer->number)
        script_timers[timer->number - 1] = NULL;
    timer->number = 0;
}

void timer_start(struct timers *timers, struct timer *timer, uint64_t after_ms)
{
    timer_stop(timers, timer);
    timer->deadline_ms = script_now_ms + after_ms;
    for (size_t i = 0; i < COUNT(script_timers); i++) {
        if (!script_timers[i]) {
            script_timers[i] = timer;
            timer->number = i + 1;
            return;
        }
    }
    fail_msg("too many timers");
}

bool timer_runs(const struct timer *timer)
{
    return timer->number != 0;
}

static struct timer *script_next_timer(uint64_t until_ms)
{
    struct timer *next = NULL;
    for (size_t i = 0; i < COUNT(script_timers); i++) {
        struct timer *timer = script_timers[i];
        if (timer && timer->deadline_ms <= until_ms &&
            (!next || timer->deadline_ms < next->deadline_ms))
            next = timer;
    }
    return next;
}

/* Let time pass; timers fire at their time, in order. */
static void script_pass(uint64_t ms)
{
    uint64_t until_ms = script_now_ms + ms;
    struct timer *timer;
    while ((timer = script_next_timer(until_ms)) != NULL) {
        if (timer->deadline_ms > script_now_ms)
            script_now_ms = timer->deadline_ms;
        timer_stop(NULL, timer);
        timer->on_due(timer->arg);
    }
    script_now_ms = until_ms;
}

static size_t script_timer_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(script_timers); i++)
        count += script_timers[i] != NULL;
    return count;
}

#endif
