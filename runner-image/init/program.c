#include "program.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "../protocol.h"
#include "common/clock.h"

/* Tasks in a box when the program is alone in it: init and the program's only thread. */
#define TASKS_ALONE 2
/* How long to wait for deaths. A killed process does nothing more, but many of them need a while to
 * go on the CPU time that they have left their box; the answer shall not wait for that. */
#define KILL_ALL_NS (100 * NS_PER_MS)
#define REAP_WAIT_NS (10 * NS_PER_MS)

static uint64_t ns_of_timespec(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_nsec;
}

static uint64_t ns_of_timeval(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * 1000;
}

/* Of a process that was not reaped yet, else 0. Its children are not in it. */
static uint64_t cpu_of_process(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return ns_of_timespec(&used);
}

/* Of everything that was reaped, by us or by a process that we reaped. */
static uint64_t cpu_of_the_dead(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_CHILDREN, &used) != 0)
        return 0;
    return ns_of_timeval(&used.ru_utime) + ns_of_timeval(&used.ru_stime);
}

/* Without random bytes no farewell is believed: a value of at most 8 bits never equals this. */
static uint64_t make_secret(void)
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return FAREWELL_CODE_MASK;
    return random & FAREWELL_SECRET_MASK;
}

void program_init(struct program *program, const struct cgroup *cgroup)
{
    *program =
        (struct program){.secret = make_secret(), .oom_kills_before = cgroup_oom_kills(cgroup)};
}

void program_adopt(struct program *program, pid_t pid)
{
    program->pid = pid;
}

void program_begin(struct program *program)
{
    /* Whoever warmed up and left the program in its place has died; it may not be reaped yet. */
    program_reap(program);
    program->warm_up_cpu_ns = cpu_of_process(program->pid) + cpu_of_the_dead();
    program->started_ns = clock_now_ns();
}

bool program_reap(struct program *program)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0)
            return pid == 0;
        if (program->pid == 0)
            program->status = status;
        if (pid != program->pid || program->ended)
            continue;
        program->ended = true;
        program->status = status;
        program->ended_ns = clock_now_ns();
    }
}

bool program_is_doomed(struct program *program, const struct cgroup *cgroup)
{
    program_reap(program);
    return program->ended || cgroup_oom_kills(cgroup) > program->oom_kills_before;
}

void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup)
{
    bool known = sender == program->pid && (value & FAREWELL_SECRET_MASK) == program->secret;
    if (program->ended || !known || cgroup_tasks(cgroup) != TASKS_ALONE)
        return;
    program->ended = true;
    program->status = W_EXITCODE((int)(value & FAREWELL_CODE_MASK), 0);
    program->ended_ns = clock_now_ns();
    program->told_cpu_ns = (value >> FAREWELL_CPU_SHIFT & FAREWELL_CPU_MOST_US) * 1000;
    /* It has nothing more to do; the core is the answer's. */
    kill(program->pid, SIGSTOP);
}

void program_kill_all(struct program *program)
{
    /* SIGCHLD is blocked, so a death between the reaping and the wait leaves it pending: none is
     * missed. */
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    const struct timespec pause = {.tv_nsec = (long)REAP_WAIT_NS};
    uint64_t give_up_ns = clock_now_ns() + KILL_ALL_NS;
    kill(-1, SIGKILL);
    while (program_reap(program) && clock_now_ns() < give_up_ns) {
        sigtimedwait(&child, NULL, &pause);
        /* A fork that was under way during the last kill may have made one more. */
        kill(-1, SIGKILL);
    }
    if (!program->ended) {
        program->ended = true;
        program->status = SIGKILL;
        program->ended_ns = clock_now_ns();
    }
}

static enum verdict judge_death(const struct program *program, uint64_t oom_kills)
{
    if (program->timed_out)
        return VERDICT_TIMEOUT;
    if (WIFEXITED(program->status))
        return VERDICT_EXITED;
    return WTERMSIG(program->status) == SIGKILL && oom_kills > 0 ? VERDICT_OOM : VERDICT_SIGNALED;
}

static uint64_t difference(uint64_t after, uint64_t before)
{
    return after > before ? after - before : 0;
}

void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome)
{
    outcome->oom_kills = difference(cgroup_oom_kills(cgroup), program->oom_kills_before);
    outcome->verdict = judge_death(program, outcome->oom_kills);
    bool exited = outcome->verdict == VERDICT_EXITED;
    bool signaled = outcome->verdict == VERDICT_SIGNALED || outcome->verdict == VERDICT_OOM;
    outcome->exit_code = exited ? WEXITSTATUS(program->status) : 0;
    outcome->signal = signaled ? WTERMSIG(program->status) : 0;
    outcome->wall_ns = difference(program->ended_ns, program->started_ns);
    uint64_t cpu_ns = cpu_of_process(program->pid) + cpu_of_the_dead();
    outcome->cpu_ns = difference(cpu_ns, program->warm_up_cpu_ns);
    /* The clock of a process that is still on another core lags behind. */
    if (outcome->cpu_ns < program->told_cpu_ns)
        outcome->cpu_ns = program->told_cpu_ns;
    outcome->peak_memory_bytes = cgroup_peak_bytes(cgroup);
}
