/* program.h - the process that runs the job, and all its descendants: start, death, outcome.
 *
 * Init is PID 1 of the box's own PID namespace. So kill(-1) reaches every process of the box, and
 * every orphan becomes init's child. Knows processes and clocks; neither frames nor pipes.
 */
#ifndef MAYFLY_INIT_PROGRAM_H
#define MAYFLY_INIT_PROGRAM_H

#include <sys/types.h>

#include "cgroup.h"
#include "common/outcome.h"

/* The limit because of which init ended the program. */
enum cut {
    CUT_NONE,
    CUT_TIMEOUT,
    CUT_CPU_TIME,
    CUT_MEMORY, /* too much kernel memory that no control group counts */
};

struct program {
    pid_t pid;    /* 0 until it is known which process becomes the program */
    pid_t zygote; /* the process that forked the program and stays; 0: none */
    bool zygote_died;
    bool follows; /* the box has had a program before this one */
    bool is_reaped;
    bool ended;      /* it was reaped, or its farewell was accepted: status and ended_ns are set */
    bool is_stopped; /* its farewell was accepted, and it was not killed yet */
    int status;      /* as in wait(2); while pid is 0, that of the process that died last */
    enum cut cut;
    uint64_t started_ns, ended_ns; /* of clock_now_ns */
    uint64_t deadline_ns;
    uint64_t told_cpu_ns; /* CPU time as its farewell reported it */
    /* These members are values from the start of the run: */
    bool is_counted;      /* the control group counts CPU time */
    uint64_t box_cpu_ns;  /* if is_counted: CPU time of all processes of the box */
    uint64_t init_cpu_ns; /* CPU time of init */
    /* CPU time of the program's process and of the processes that init has reaped */
    uint64_t processes_cpu_ns;
    uint64_t peak_before;   /* peak memory of the box */
    uint64_t largest_bytes; /* peak of the largest process that was reaped */
    uint64_t pids_refused_before;
    uint64_t oom_kills_before;
    /* number of OOM kills when the program was last known to be alive */
    uint64_t oom_kills_survived;
    /* the number of OOM kills at the last check, and the time of that check */
    uint64_t oom_kills_looked, looked_ns;
    uint64_t secret; /* the farewell's secret (protocol.h) */
};

/* Initialise a program, and count OOM kills from here. `zygote` is a process that lives beside the
 * program; 0: none. */
void program_init(struct program *program, const struct cgroup *cgroup, pid_t zygote);

/* Note that the process `pid` will be the program. It has survived all OOM kills so far, so only
 * later ones are counted. */
void program_adopt(struct program *program, pid_t pid, const struct cgroup *cgroup);

/* Start the clocks of the run. Call it right before the job is handed over. */
void program_begin(struct program *program, const struct cgroup *cgroup, uint32_t timeout_ms);

/* Returns the CPU time since program_begin of all processes of the box except init. */
uint64_t program_cpu_ns(const struct program *program, const struct cgroup *cgroup);

/* Record the number of OOM kills; call this now and then. If the program is still alive after a
 * kill, that kill hit another process. */
void program_look(struct program *program, const struct cgroup *cgroup);

/* Reap all processes that have died. If the program is among them, set `ended`. Returns true if any
 * child is left. */
bool program_reap(struct program *program);

/* Returns true if the program has died or an OOM kill is about to end it. Valid only while the
 * program is the only process beside init, since the kill could have hit another process. */
bool program_is_doomed(struct program *program, const struct cgroup *cgroup);

/* Handle a farewell (protocol.h) with `value` from `sender`. It is accepted only if the sender is
 * the program and knows the secret, no other process or thread is in the box, and the deadline has
 * not passed. (A child could name its parent as the sender, but then the child itself is another
 * process in the box.) If accepted, the program is stopped, so that it does nothing more, and
 * `ended` is set. */
void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup);

/* Note that a session's cell has ended with this exit code, and that the program continues.
 * program_judge then judges as if the program had ended now. */
void program_pause(struct program *program, unsigned code);

/* Returns true if something has continued the program after its farewell stopped it. */
bool program_is_continued(const struct program *program);

/* Kill the program, which has ended by itself or by its farewell, and reap it. Returns true if then
 * only init and the zygote are left. Kills no other process. */
bool program_end_alone(struct program *program, const struct cgroup *cgroup);

/* Kill all processes except init. Does not wait. */
void program_kill(struct program *program);

/* Kill all processes except init, and reap the processes that die soon. Waits until none is left,
 * but at most a tenth of a second. Processes that are then left die with the box. Sets `ended`. */
void program_kill_all(struct program *program);

/* Fill in verdict, exit code or signal, times, memory, and refused processes. Requires `ended` or
 * program_pause. Leaves the rest of *outcome unchanged. */
void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome);

#endif
