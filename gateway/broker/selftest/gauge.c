#include "broker/selftest/gauge.h"

#include "common/clock.h"

static void fail(struct gauge *gauge, const struct error *why)
{
    gauge->on_read(gauge->arg, NULL, why);
}

static void on_measured(void *arg, const struct docker_result *result,
                        const struct docker_usage *usage)
{
    struct gauge *gauge = arg;
    gauge->call = NULL;
    if (result->error.kind != ERR_NONE) {
        fail(gauge, &result->error);
        return;
    }
    uint64_t now_ns = clock_now_ns();
    if (gauge->first_ns == 0) {
        gauge->first = *usage;
        gauge->first_ns = now_ns;
        timer_start(gauge->timers, &gauge->timer, GAUGE_MS);
        return;
    }
    struct gauge_reading reading = {.cpu_ns = usage->cpu_ns - gauge->first.cpu_ns,
                                    .wall_ns = now_ns - gauge->first_ns,
                                    .periods_count =
                                        usage->cpu_periods_count - gauge->first.cpu_periods_count};
    gauge->on_read(gauge->arg, &reading, NULL);
}

static void measure(void *arg)
{
    struct gauge *gauge = arg;
    struct error why;
    gauge->call = pool_measure(gauge->pool, gauge->run, on_measured, gauge);
    if (gauge->call)
        return;
    error_set(&why, ERR_ENGINE, "the engine could not be asked for a box's CPU time");
    fail(gauge, &why);
}

void gauge_start(struct gauge *gauge, struct timers *timers, struct pool *pool,
                 const struct run *run, gauge_read *on_read, void *arg)
{
    *gauge = (struct gauge){.timers = timers,
                            .pool = pool,
                            .run = run,
                            .on_read = on_read,
                            .arg = arg,
                            .timer = {.on_due = measure, .arg = gauge}};
    timer_start(timers, &gauge->timer, 0);
}

void gauge_stop(struct gauge *gauge)
{
    if (!gauge->on_read)
        return; /* the gauge was never started */
    timer_stop(gauge->timers, &gauge->timer);
    docker_cancel(gauge->call);
    gauge->call = NULL;
}
