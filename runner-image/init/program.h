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

struct program {
    pid_t pid;  /* 0 as long as nobody has said that it will be the program */
    bool ended; /* reaped, or believed: status and ended_ns are set */
    int status; /* as wait(2) tells it; before there is a pid, of whoever died last */
    bool timed_out;
    uint64_t started_ns, ended_ns; /* of clock_now_ns */
    uint64_t told_cpu_ns;          /* by its farewell */
    uint64_t warm_up_cpu_ns;       /* what the box's processes used before the program's start */
    uint64_t oom_kills_before;
    uint64_t secret; /* of protocol.h's farewell */
};

/* What kills for lack of memory in the box counts from here. */
void program_init(struct program *program, const struct cgroup *cgroup);

/* This child will be the program. */
void program_adopt(struct program *program, pid_t pid);

/* The job is about to be handed over: the clocks of the run start here. */
void program_begin(struct program *program);

/* Reap every process that has died, the program among them (then `ended` is set). Returns
 * whether any child is left. */
bool program_reap(struct program *program);

/* Whether it has died, or will before it does anything more: a process that the kernel has killed
 * for lack of memory may take a while to be dead. For the time when it is alone with init. */
bool program_is_doomed(struct program *program, const struct cgroup *cgroup);

/* Somebody says farewell with `value` (protocol.h). Believed, and then `ended` is set, when it is
 * the program, knows the secret, and no other process or thread is left in the box; else its death
 * will tell. Believed, it is also stopped: what has said farewell does nothing any more. */
void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup);

/* Kill every process but init, and reap those that die soon. Returns when none is left; after a
 * tenth of a second in any case: the rest ends with the box. `ended` is set then. */
void program_kill_all(struct program *program);

/* What became of it: verdict, code or signal, times, memory. Needs `ended`. Leaves the streams'
 * counts alone. */
void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome);

#endif
