/* gauge.h - measures how much CPU time the box of a run uses, as the engine counts it from outside.
 *
 * It takes two measurements, GAUGE_MS apart. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_GAUGE_H
#define MAYFLY_GAUGE_H

#include "broker/pool/pool.h"

#define GAUGE_MS 2000

struct gauge_reading {
    uint64_t cpu_ns, wall_ns; /* from the first measurement to the second */
    uint64_t periods_count;   /* periods in which the kernel enforced a limit of CPU time */
};

/* Borrows both for the call. `why` is NULL when there is a reading. */
typedef void gauge_read(void *arg, const struct gauge_reading *reading, const struct error *why);

/* A zeroed gauge does not measure. */
struct gauge {
    struct timers *timers;
    struct pool *pool;
    const struct run *run;
    gauge_read *on_read;
    void *arg;
    struct docker_call *call;
    struct timer timer;
    struct docker_usage first;
    uint64_t first_ns; /* 0: not measured yet */
};

/* Borrows all; run only until `on_read` or gauge_stop. */
void gauge_start(struct gauge *gauge, struct timers *timers, struct pool *pool,
                 const struct run *run, gauge_read *on_read, void *arg);
/* Stop: no callback follows. */ void gauge_stop(struct gauge *gauge);

#endif
