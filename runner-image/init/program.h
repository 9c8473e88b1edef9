/* program.h - the process that runs the job, and every process it left behind: start, death,
 * verdict.
 *
 * Init is PID 1 of the box's own PID namespace, so "every process" is kill(-1), and each orphan
 * becomes its child. Knows processes and clocks; neither frames nor pipes.
 */
#ifndef MAYFLY_INIT_PROGRAM_H
#define MAYFLY_INIT_PROGRAM_H

#include <sys/types.h>

#include "cgroup.h"
#include "common/outcome.h"

/* The limit that init ended the program for. */
enum cut {
    CUT_NONE,
    CUT_TIMEOUT,
    CUT_CPU_TIME,
    CUT_MEMORY, /* of the kernel's, which no control group counts */
};

struct program {
    pid_t pid;       /* 0 as long as nobody has said that it will be the program */
    bool ended;      /* reaped, or believed: status and ended_ns are set */
    bool is_stopped; /* believed, and not killed since */
    int status;      /* as wait(2) tells it; before there is a pid, of whoever died last */
    enum cut cut;
    uint64_t started_ns, ended_ns; /* of clock_now_ns */
    uint64_t deadline_ns;
    uint64_t told_cpu_ns; /* by its farewell */
    /* At the run's start: */
    bool is_counted;           /* the box's CPU time is in its control group */
    uint64_t box_cpu_ns;       /* if so: of all its processes */
    uint64_t init_cpu_ns;      /* of init */
    uint64_t processes_cpu_ns; /* of the program's process, and of what init has reaped */
    uint64_t pids_refused_before;
    uint64_t oom_kills_before;
    uint64_t oom_kills_survived; /* at the start, or a little before the program was seen alive */
    uint64_t oom_kills_looked, looked_ns; /* at the last look */
    uint64_t secret;                      /* of protocol.h's farewell */
};

/* What kills for lack of memory in the box counts from here. */
void program_init(struct program *program, const struct cgroup *cgroup);

/* This child will be the program. */
void program_adopt(struct program *program, pid_t pid);

/* The job is about to be handed over: the clocks of the run start here. */
void program_begin(struct program *program, const struct cgroup *cgroup, uint32_t timeout_ms);

/* CPU time of the program and every other process of the box but init, since program_begin. */
uint64_t program_cpu_ns(const struct program *program, const struct cgroup *cgroup);

/* Look at the kernel's count of OOM kills, from time to time: a program that lives on after one was
 * not its victim, whatever ends it later. */
void program_look(struct program *program, const struct cgroup *cgroup);

/* Reap every process that has died, the program among them (then `ended` is set). Returns
 * whether any child is left. */
bool program_reap(struct program *program);

/* Whether it has died, or will before it does anything more: a process that the kernel has killed
 * for lack of memory may take a while to be dead. For the time when it is alone with init. */
bool program_is_doomed(struct program *program, const struct cgroup *cgroup);

/* Somebody says farewell with `value` (protocol.h). Believed, and then `ended` is set, when it is
 * the program, knows the secret, no other process or thread is left in the box, and the deadline
 * has not passed; else its death or the deadline will tell. Believed, it is also stopped: what has
 * said farewell does nothing any more. A child can name its parent as the sender, but not live
 * beside it then. */
void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup);

/* Whether a program that was stopped after its farewell has had itself continued. */
bool program_is_continued(const struct program *program);

/* Kill every process but init. Does not wait. */
void program_kill(struct program *program);

/* Kill every process but init, and reap those that die soon. Returns when none is left; after a
 * tenth of a second in any case: the rest ends with the box. `ended` is set then. */
void program_kill_all(struct program *program);

/* What became of it: verdict, code or signal, times, memory, refused processes. Needs `ended`.
 * Leaves the rest of *outcome alone. */
void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome);

#endif
