/* cgroup.h - the kernel's counters of the box: CPU time, memory, OOM kills, tasks.
 *
 * These counters are files of the box's own control group, which a private cgroup namespace shows
 * at /sys/fs/cgroup. Version 1, 2 or both (hybrid) may be mounted. A counter that the kernel does
 * not have reads as 0.
 */
#ifndef MAYFLY_INIT_CGROUP_H
#define MAYFLY_INIT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

/* Descriptors of the kernel's files; -1 if the file does not exist. */
struct cgroup {
    int cpu_fd;    /* a number of nanoseconds, or a line "usage_usec N" */
    int peak_fd;   /* one number */
    int events_fd; /* a line "oom_kill N" */
    int tasks_fd;  /* one number */
    int forks_fd;  /* a line "max N" */
    int memory_fd; /* one number: bytes in use */
    int pages_fd;  /* lines "file N" and "shmem N"; on version 1 "cache N" */
    int quota_fd;  /* a line "nr_throttled N" */
};

/* Open the files once, before any program runs. They stay open for the life of the process. `root`
 * is CGROUP_ROOT, except in tests. */
void cgroup_open(struct cgroup *cgroup, const char *root);

/* Read the CPU time of all processes that are or were in the box. Returns false if the kernel
 * does not count it. The time of a process that runs on another core now may lag by some
 * milliseconds. */
bool cgroup_cpu_ns(const struct cgroup *cgroup, uint64_t *used_ns);
uint64_t cgroup_peak_bytes(const struct cgroup *cgroup);
uint64_t cgroup_oom_kills(const struct cgroup *cgroup);
/* Returns the number of threads of all processes in the box, including init and zombies. */
uint64_t cgroup_tasks(const struct cgroup *cgroup);
/* Returns how often a fork failed because of the pids limit. */
uint64_t cgroup_pids_refused(const struct cgroup *cgroup);
/* Returns the bytes in use, without cached pages of image files. Such pages belong to no run: the
 * kernel charges them to the first box that reads them, and frees them when it needs memory. */
uint64_t cgroup_own_bytes(const struct cgroup *cgroup);
/* Returns the bytes in use. */
uint64_t cgroup_used_bytes(const struct cgroup *cgroup);
/* Returns the number of periods in which the box used up its CPU quota. */
uint64_t cgroup_throttled(const struct cgroup *cgroup);

#endif
