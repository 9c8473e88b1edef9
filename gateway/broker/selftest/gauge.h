/* gauge.h - measures the CPU time that a run's box uses, with the engine's counters, from outside
 * of the box.
 *
 * It measures twice, GAUGE_MS apart. Callbacks follow the four laws in loop.h.
 */
#ifndef MAYFLY_GAUGE_H
#define MAYFLY_GAUGE_H

#include "broker/pool/pool.h"

#define GAUGE_MS 2000

struct gauge_reading {
    uint64_t cpu_ns, wall_ns; /* between the two measurements */
    uint64_t periods_count;   /* periods in which the kernel applied a CPU quota */
};

/* Called with a reading, or with `why` if there is none. Both are borrowed for the call. */
typedef void gauge_read(void *arg, const struct gauge_reading *reading, const struct error *why);

/* A zeroed gauge is idle. */
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

/* Start measuring. Borrows all; `run` only until on_read or gauge_stop. */
void gauge_start(struct gauge *gauge, struct timers *timers, struct pool *pool,
                 const struct run *run, gauge_read *on_read, void *arg);
/* Stop: no callback follows. */
void gauge_stop(struct gauge *gauge);

#endif
