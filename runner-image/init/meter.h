/* meter.h - the limits that the kernel does not enforce: a run's CPU time and its record locks.
 *
 * A record lock (fcntl's F_SETLK) uses kernel memory that no control group counts, and a process
 * can take any number of locks. /proc/locks lists the box's locks. Reading it blocks every process
 * on the host that locks anything. So it is only read when the kernel's own memory has grown during
 * the run.
 *
 * Knows neither processes nor phases. A limit is not enforced if the kernel lacks its file.
 */
#ifndef MAYFLY_INIT_METER_H
#define MAYFLY_INIT_METER_H

#include "common/job.h"

/* Most locks that a box may hold. For comparison, a connection of sqlite3 holds at most three. */
#define METER_LOCKS_MAX 4096
/* If the kernel's memory grows by this much, the locks are counted: METER_LOCKS_MAX locks need
 * it. */
#define METER_GROWTH_BYTES ((uint64_t)1 << 20)

enum meter_verdict {
    METER_FINE,
    METER_CPU_TIME, /* the limit of CPU time was reached */
    METER_LOCKS,    /* the box holds more than METER_LOCKS_MAX locks */
};

struct meter {
    int timer_fd;              /* readable when a check is due */
    int locks_fd, memory_fd;   /* /proc/locks, /proc/meminfo; -1: missing */
    uint64_t kernel_bytes;     /* the kernel's memory at the last count */
    uint64_t limit_ns;         /* CPU time; 0: no limit */
    uint64_t cpus, cpu_millis; /* how many CPUs the box can use at once, and on average */
};

/* Open the kernel's files below `proc`. Returns false with errno set when no timer can be
 * created. */
bool meter_open(struct meter *meter, const char *proc);

/* Start metering a run; call it before the program starts. Arms the timer. */
void meter_begin(struct meter *meter, const struct job *job);

/* Check the limits and arm the timer again. used_ns is the CPU time that the run has used. */
enum meter_verdict meter_look(struct meter *meter, uint64_t used_ns);

#endif
