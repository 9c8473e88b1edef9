/* cgroup.h - what the kernel counted for the box: CPU time, peak memory, OOM kills, tasks.
 *
 * Read from the box's own control group, as a private cgroup namespace shows it at
 * /sys/fs/cgroup: version 1, 2 or both mounted (hybrid). Where the kernel shows nothing, every
 * answer is 0, unless its function says otherwise.
 */
#ifndef MAYFLY_INIT_CGROUP_H
#define MAYFLY_INIT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

/* Descriptors of the kernel's files; -1 where there is none. */
struct cgroup {
    int cpu_fd;    /* one number of nanoseconds, or a line "usage_usec N" */
    int peak_fd;   /* one number */
    int events_fd; /* a line "oom_kill N" */
    int tasks_fd;  /* one number */
    int forks_fd;  /* a line "max N" */
};

/* Open once, before any program runs; the files stay open until the process ends. */
void cgroup_open(struct cgroup *cgroup, const char *root);

/* CPU time of every process that is or was in the box. False where the kernel shows none. A process
 * that is on another core is counted up to its last tick, some milliseconds ago. */
bool cgroup_cpu_ns(const struct cgroup *cgroup, uint64_t *used_ns);
uint64_t cgroup_peak_bytes(const struct cgroup *cgroup);
uint64_t cgroup_oom_kills(const struct cgroup *cgroup);
/* Threads of all processes in the box, init and zombies among them. */
uint64_t cgroup_tasks(const struct cgroup *cgroup);
/* Processes and threads that were not started because of the limit of pids. */
uint64_t cgroup_pids_refused(const struct cgroup *cgroup);

#endif
