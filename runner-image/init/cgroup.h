/* cgroup.h - what the kernel counted for the box: peak memory, OOM kills, tasks.
 *
 * Read from the box's own control group, as a private cgroup namespace shows it at
 * /sys/fs/cgroup: version 1, 2 or both mounted (hybrid). Where the kernel shows nothing, every
 * answer is 0.
 */
#ifndef MAYFLY_INIT_CGROUP_H
#define MAYFLY_INIT_CGROUP_H

#include <stdint.h>

struct cgroup {
    int peak_fd;   /* a file that holds one number; -1 when there is none */
    int events_fd; /* a file with a line "oom_kill N"; -1 when there is none */
    int tasks_fd;  /* a file that holds one number; -1 when there is none */
};

/* Open once, before any program runs; the files stay open until the process ends. */
void cgroup_open(struct cgroup *cgroup);

uint64_t cgroup_peak_bytes(const struct cgroup *cgroup);
uint64_t cgroup_oom_kills(const struct cgroup *cgroup);
/* Threads of all processes in the box, init and zombies among them. */
uint64_t cgroup_tasks(const struct cgroup *cgroup);

#endif
