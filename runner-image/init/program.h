/* program.h - the process that runs the job, and all its descendants: start, death, verdict.
 *
 * Init is PID 1 of the box's own PID namespace. So kill(-1) reaches every process, and each orphan
 * becomes its child. Knows processes and clocks; neither frames nor pipes.
 */
#ifndef MAYFLY_INIT_PROGRAM_H
#define MAYFLY_INIT_PROGRAM_H

#include <sys/types.h>

#include "cgroup.h"
#include "common/outcome.h"

/* The limit for which init ended the program. */
enum cut {
    CUT_NONE,
    CUT_TIMEOUT,
    CUT_CPU_TIME,
    CUT_MEMORY, /* kernel memory that no control group counts */
};

struct program {
    pid_t pid;    /* 0 until the template has said which process becomes the program */
    pid_t zygote; /* the process that has forked it and stays; 0: none */
    bool zygote_died;
    bool follows; /* the box has had a program before */
    bool is_reaped;
    bool ended;      /* reaped, or its farewell was believed: status and ended_ns are set */
    bool is_stopped; /* its farewell was believed, and it was not killed since */
    int status;      /* as of wait(2); before there is a pid, of the process that died last */
    enum cut cut;
    uint64_t started_ns, ended_ns; /* of clock_now_ns */
    uint64_t deadline_ns;
    uint64_t told_cpu_ns; /* from its farewell */
    /* Values at the run's start: */
    bool is_counted;      /* the control group reports the box's CPU time */
    uint64_t box_cpu_ns;  /* if so: CPU time of all its processes */
    uint64_t init_cpu_ns; /* CPU time of init */
    /* CPU time of the program's process, and of the processes that init has reaped */
    uint64_t processes_cpu_ns;
    uint64_t peak_before;   /* of the box's memory */
    uint64_t largest_bytes; /* peak of its largest process that was reaped */
    uint64_t pids_refused_before;
    uint64_t oom_kills_before;
    /* count at the start, or a little before the program was seen alive */
    uint64_t oom_kills_survived;
    uint64_t oom_kills_looked, looked_ns; /* count and time of the last check */
    uint64_t secret;                      /* secret of the farewell (protocol.h) */
};

/* OOM kills in the box count from here. `zygote` lives beside the program; 0: there is none. */
void program_init(struct program *program, const struct cgroup *cgroup, pid_t zygote);

/* The process `pid` will be the program. It has survived all OOM kills so far: kills in the box
 * count from here, anew. */
void program_adopt(struct program *program, pid_t pid, const struct cgroup *cgroup);

/* Start the clocks of the run. Call right before handing the job over. */
void program_begin(struct program *program, const struct cgroup *cgroup, uint32_t timeout_ms);

/* Returns the CPU time since program_begin of the program and every other process of the box except
 * init. */
uint64_t program_cpu_ns(const struct program *program, const struct cgroup *cgroup);

/* Note the kernel's count of OOM kills; call this from time to time. A program that is still alive
 * after a kill was not its victim, whatever ends it later. */
void program_look(struct program *program, const struct cgroup *cgroup);

/* Reap every process that has died. Sets `ended` when the program is among them. Returns true if
 * any child is left. */
bool program_reap(struct program *program);

/* Returns true if the program has died, or will do so before it does anything more. A process that
 * the OOM killer has killed may take a while to die. Call only while the program is alone with
 * init. */
bool program_is_doomed(struct program *program, const struct cgroup *cgroup);

/* Handle a farewell with `value` from `sender` (protocol.h). To be believed, the sender must be the
 * program and know the secret. The box must have no other process or thread, and the deadline must
 * not have passed. Then the program is stopped, so that it does nothing more, and `ended` is set.
 * Otherwise its death or the deadline decides. A child can name its parent as the sender, but then
 * it is another process in the box. */
void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup);

/* Returns true if a program that was stopped after its farewell was continued. */
bool program_is_continued(const struct program *program);

/* End the program, which has ended by itself or by its farewell, and reap it. Returns false, with
 * no other process killed, unless only init and the zygote are then left. */
bool program_end_alone(struct program *program, const struct cgroup *cgroup);

/* Kill every process except init. Does not wait. */
void program_kill(struct program *program);

/* Kill every process except init, and reap those that die soon. Returns when none is left, after at
 * most a tenth of a second: the rest ends with the box. Sets `ended`. */
void program_kill_all(struct program *program);

/* Fill in the verdict, code or signal, times, memory and refused processes. Requires `ended`.
 * Leaves the rest of *outcome unchanged. */
void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome);

#endif
