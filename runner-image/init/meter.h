/* meter.h - the limits of a run that no kernel keeps: its CPU time, and its record locks.
 *
 * A record lock (fcntl's F_SETLK) is kernel memory that no control group counts, and a process may
 * hold any number. The box's locks are in /proc/locks, which is looked at only when the kernel's
 * own memory has grown during the run: each look holds up every process that locks anything.
 *
 * Knows neither processes nor phases. Where the kernel shows nothing, there is no such limit.
 */
#ifndef MAYFLY_INIT_METER_H
#define MAYFLY_INIT_METER_H

#include "common/job.h"

/* Locks that a box may hold. A connection of sqlite3 holds three at most. */
#define METER_LOCKS_MAX 4096
/* Growth of the kernel's memory that makes us look: that many locks take this much. */
#define METER_GROWTH_BYTES ((uint64_t)1 << 20)

enum meter_verdict {
    METER_FINE,
    METER_CPU_TIME, /* the limit of CPU time has been reached */
    METER_LOCKS,    /* more locks are held than METER_LOCKS_MAX */
};

struct meter {
    int timer_fd;              /* readable when it is time to look */
    int locks_fd, memory_fd;   /* /proc/locks, /proc/meminfo; -1: not there */
    uint64_t kernel_bytes;     /* that growth is counted from */
    uint64_t limit_ns;         /* of CPU time; 0: none */
    uint64_t cpus, cpu_millis; /* that the box can use at once, and on average */
};

/* Open the kernel's files below `proc`. False, with errno set, when there is no timer. */
bool meter_open(struct meter *meter, const char *proc);

/* The program is about to start. Arms the timer for the first look. */
void meter_begin(struct meter *meter, const struct job *job);

/* Look, and arm the timer for the next look; used_ns is the run's CPU time up to now. */
enum meter_verdict meter_look(struct meter *meter, uint64_t used_ns);

#endif
