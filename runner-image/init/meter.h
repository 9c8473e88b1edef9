/* meter.h - the limits of a run that the kernel does not enforce: CPU time and record locks.
 *
 * A record lock (fcntl's F_SETLK) is kernel memory that no control group counts, and a process may
 * hold any number. /proc/locks lists the box's locks. Reading it holds up every process that locks
 * anything, so it is read only after the kernel's own memory has grown during the run.
 *
 * Knows neither processes nor phases. Where the kernel shows nothing, there is no such limit.
 */
#ifndef MAYFLY_INIT_METER_H
#define MAYFLY_INIT_METER_H

#include "common/job.h"

/* The most locks that a box may hold. A connection of sqlite3 holds at most three. */
#define METER_LOCKS_MAX 4096
/* Growth of the kernel's memory that triggers a check: METER_LOCKS_MAX locks take this much. */
#define METER_GROWTH_BYTES ((uint64_t)1 << 20)

enum meter_verdict {
    METER_FINE,
    METER_CPU_TIME, /* the limit of CPU time is reached */
    METER_LOCKS,    /* more locks are held than METER_LOCKS_MAX */
};

struct meter {
    int timer_fd;              /* readable when a check is due */
    int locks_fd, memory_fd;   /* /proc/locks, /proc/meminfo; -1: missing */
    uint64_t kernel_bytes;     /* base from which growth is counted */
    uint64_t limit_ns;         /* CPU time; 0: no limit */
    uint64_t cpus, cpu_millis; /* CPUs that the box can use at once, and on average */
};

/* Open the kernel's files below `proc`. Returns false with errno set when no timer is available. */
bool meter_open(struct meter *meter, const char *proc);

/* Call before the program starts. Arms the timer for the first check. */
void meter_begin(struct meter *meter, const struct job *job);

/* Check the limits, and arm the timer for the next check. used_ns is the run's CPU time so far. */
enum meter_verdict meter_look(struct meter *meter, uint64_t used_ns);

#endif
