/* cgroup.h - the kernel's counters of the box: CPU time, peak memory, OOM kills, tasks.
 *
 * They are read from the box's own control group, which a private cgroup namespace shows at
 * /sys/fs/cgroup. Version 1, 2 or both (hybrid) may be mounted. Where the kernel shows nothing,
 * every counter is 0, unless its function says otherwise.
 */
#ifndef MAYFLY_INIT_CGROUP_H
#define MAYFLY_INIT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

/* Descriptors of the kernel's files; -1 for a missing one. */
struct cgroup {
    int cpu_fd;    /* one number of nanoseconds, or a line "usage_usec N" */
    int peak_fd;   /* one number */
    int events_fd; /* a line "oom_kill N" */
    int tasks_fd;  /* one number */
    int forks_fd;  /* a line "max N" */
    int memory_fd; /* one number: bytes in use */
    int pages_fd;  /* lines "file N" and "shmem N"; on version 1 "cache N" */
    int quota_fd;  /* a line "nr_throttled N" */
};

/* Open once, before any program runs. The files stay open until the process ends. */
void cgroup_open(struct cgroup *cgroup, const char *root);

/* Report the CPU time of every process that is or was in the box. Returns false where the kernel
 * shows none. A process on another core is counted up to its last tick, some milliseconds ago. */
bool cgroup_cpu_ns(const struct cgroup *cgroup, uint64_t *used_ns);
uint64_t cgroup_peak_bytes(const struct cgroup *cgroup);
uint64_t cgroup_oom_kills(const struct cgroup *cgroup);
/* Returns the threads of all processes in the box, init and zombies included. */
uint64_t cgroup_tasks(const struct cgroup *cgroup);
/* Returns how many processes and threads the limit of pids did not allow. */
uint64_t cgroup_pids_refused(const struct cgroup *cgroup);
/* Returns the bytes in use, without the pages of the image's files. Those belong to no run: the
 * kernel charges them to the box that has read them first, and frees them when it needs memory. */
uint64_t cgroup_own_bytes(const struct cgroup *cgroup);
/* Returns the bytes in use. */
uint64_t cgroup_used_bytes(const struct cgroup *cgroup);
/* Returns the number of periods in which the box has used up its share of the CPUs. */
uint64_t cgroup_throttled(const struct cgroup *cgroup);

#endif
