/* One subject of more than 400 lines: the program, from its start, through the count of its time
 * and memory, to the death of its last process. */
#include "program.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/clock.h"
#include "common/number.h"

/* Without a program, the box has these tasks: init and, if there is one, the zygote. */
#define TASKS_OF_INIT 1
#define TASKS_OF_ZYGOTE 1
/* The longest wait for killed processes to exit. They do nothing more. But with little CPU time,
 * many of them take long to exit, and the result must not wait for that. */
#define KILL_ALL_NS (100 * NS_PER_MS)
#define REAP_WAIT_NS (10 * NS_PER_MS)
/* The kernel's count of a running process's CPU time can lag by one tick, the longest of which is
 * this. */
#define TICK_NS (10 * NS_PER_MS)
#define LOOK_NS (100 * NS_PER_MS)
/* Field numbers of /proc/PID/stat, as in proc(5). */
#define STAT_FIRST 3
#define STAT_FLAGS 9
#define STAT_PENDING 31
#define STAT_BYTES 1024
#define STATUS_BYTES 2048
#define PROCESS_EXITING 4 /* the kernel's PF_EXITING */
static const char TOO_MANY_LOCKS[] =
    "The program held too many record locks (fcntl), which take up kernel memory";

static uint64_t ns_of_timespec(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_nsec;
}

static uint64_t ns_of_timeval(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * 1000;
}

/* Returns a process's CPU time without that of its children; 0 if it was already reaped. */
static uint64_t cpu_of_process(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return ns_of_timespec(&used);
}

/* Returns the CPU time of all reaped processes: those that init reaped, and those they had
 * reaped. */
static uint64_t cpu_of_the_dead(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_CHILDREN, &used) != 0)
        return 0;
    return ns_of_timeval(&used.ru_utime) + ns_of_timeval(&used.ru_stime);
}

/* Returns a random secret. If there is no randomness, returns one that no farewell can match,
 * because its low 32 bits are not all zero. */
static uint64_t make_secret(void)
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return FAREWELL_CODE_MASK;
    return random & FAREWELL_SECRET_MASK;
}

static void count_oom_kills(struct program *program, const struct cgroup *cgroup)
{
    uint64_t oom_kills = cgroup_oom_kills(cgroup);
    program->oom_kills_before = oom_kills;
    program->oom_kills_survived = oom_kills;
    program->oom_kills_looked = oom_kills;
}

void program_init(struct program *program, const struct cgroup *cgroup, pid_t zygote)
{
    *program = (struct program){.zygote = zygote, .secret = make_secret()};
    count_oom_kills(program, cgroup);
}

void program_adopt(struct program *program, pid_t pid, const struct cgroup *cgroup)
{
    program->pid = pid;
    count_oom_kills(program, cgroup);
}

static uint64_t difference(uint64_t after, uint64_t before)
{
    return after > before ? after - before : 0;
}

/* Returns init's own CPU time. The call also makes the kernel update the control group's count. */
static uint64_t cpu_of_init(void)
{
    struct timespec used;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 ? ns_of_timespec(&used) : 0;
}

static uint64_t cpu_of_processes(pid_t pid)
{
    return cpu_of_process(pid) + cpu_of_the_dead();
}

void program_begin(struct program *program, const struct cgroup *cgroup, uint32_t timeout_ms)
{
    /* A process that warmed up and was replaced by its child has died; make sure that it is
     * reaped. */
    program_reap(program);
    program->processes_cpu_ns = cpu_of_processes(program->pid);
    program->peak_before = cgroup_peak_bytes(cgroup);
    program->pids_refused_before = cgroup_pids_refused(cgroup);
    program->init_cpu_ns = cpu_of_init();
    program->is_counted = cgroup_cpu_ns(cgroup, &program->box_cpu_ns);
    program->started_ns = clock_now_ns();
    program->deadline_ns = program->started_ns + timeout_ms * NS_PER_MS;
}

/* Take the larger of two counts, since both may lag but never lead. Only the control group counts
 * processes that nobody has waited for. */
uint64_t program_cpu_ns(const struct program *program, const struct cgroup *cgroup)
{
    uint64_t init_ns = difference(cpu_of_init(), program->init_cpu_ns);
    uint64_t waited_ns = difference(cpu_of_processes(program->pid), program->processes_cpu_ns);
    uint64_t box_ns;
    if (!program->is_counted || !cgroup_cpu_ns(cgroup, &box_ns))
        return waited_ns;
    uint64_t counted_ns = difference(difference(box_ns, program->box_cpu_ns), init_ns);
    return counted_ns > waited_ns ? counted_ns : waited_ns;
}

/* Read /proc/PID/stat from its third field on. The second is the program's name, which may contain
 * anything. Returns "" when the process does not exist. */
static const char *read_stat(pid_t pid, char *text, size_t size)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[len < 0 ? 0 : len] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && name_end[1] ? name_end + 2 : "";
}

/* Returns one field of read_stat's text, numbered as in proc(5); 0 if it is missing. */
static uint64_t stat_number(const char *text, unsigned field)
{
    uint64_t number = 0;
    for (; field > STAT_FIRST && *text; field--) {
        text += strcspn(text, " ");
        text += *text == ' ';
    }
    number_parse_uint(text, strcspn(text, " "), &number);
    return number;
}

/* Returns true if the process was killed and is about to die, or does not exist any more. */
static bool is_dying(pid_t pid)
{
    char buffer[STAT_BYTES];
    const char *text = read_stat(pid, buffer, sizeof buffer);
    return !*text || (stat_number(text, STAT_FLAGS) & PROCESS_EXITING) ||
           (stat_number(text, STAT_PENDING) & (1U << (SIGKILL - 1)));
}

/* The kernel counts an OOM kill just before it kills. So only kills that the previous call saw have
 * certainly reached their victims by now. */
void program_look(struct program *program, const struct cgroup *cgroup)
{
    uint64_t now_ns = clock_now_ns(), kills = cgroup_oom_kills(cgroup);
    if (now_ns - program->looked_ns < LOOK_NS)
        return;
    if (program->oom_kills_looked > program->oom_kills_survived && !is_dying(program->pid))
        program->oom_kills_survived = program->oom_kills_looked;
    program->oom_kills_looked = kills;
    program->looked_ns = now_ns;
}

static void note_size(struct program *program, uint64_t bytes)
{
    if (bytes > program->largest_bytes)
        program->largest_bytes = bytes;
}

bool program_reap(struct program *program)
{
    for (;;) {
        int status;
        struct rusage used;
        pid_t pid = wait4(-1, &status, WNOHANG, &used);
        if (pid <= 0)
            return pid == 0;
        if (pid == program->zygote)
            program->zygote_died = true;
        if (program->pid == 0)
            program->status = status;
        note_size(program, (uint64_t)used.ru_maxrss << 10);
        program->is_reaped |= pid == program->pid;
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

static uint64_t tasks_without(const struct program *program)
{
    return TASKS_OF_INIT + (program->zygote ? TASKS_OF_ZYGOTE : 0);
}

void program_hear_farewell(struct program *program, pid_t sender, uint64_t value,
                           const struct cgroup *cgroup)
{
    bool known = sender == program->pid && (value & FAREWELL_SECRET_MASK) == program->secret;
    uint64_t now_ns = clock_now_ns();
    if (program->ended || !known || now_ns >= program->deadline_ns ||
        cgroup_tasks(cgroup) != tasks_without(program) + 1)
        return;
    program->ended = true;
    program->is_stopped = true;
    program->status = W_EXITCODE((int)(value & FAREWELL_CODE_MASK), 0);
    program->ended_ns = now_ns;
    program->told_cpu_ns = (value >> FAREWELL_CPU_SHIFT & FAREWELL_CPU_MOST_US) * 1000;
    /* The program has nothing left to do. Free its core for the processes that deliver the result.
     */
    kill(program->pid, SIGSTOP);
}

void program_pause(struct program *program, unsigned code)
{
    program->status = W_EXITCODE((int)(code & 0xff), 0);
    program->ended_ns = clock_now_ns();
    program->follows = true;
}

bool program_is_continued(const struct program *program)
{
    siginfo_t info = {0};
    return program->is_stopped &&
           waitid(P_PID, (id_t)program->pid, &info, WCONTINUED | WNOHANG) == 0 && info.si_pid != 0;
}

void program_kill(struct program *program)
{
    program->is_stopped = false;
    kill(-1, SIGKILL);
}

/* Wait for a death. SIGCHLD is blocked, so one that comes before the wait stays pending and is not
 * missed. */
static void await_death(void)
{
    const struct timespec pause = {.tv_nsec = (long)REAP_WAIT_NS};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigtimedwait(&child, NULL, &pause);
}

bool program_end_alone(struct program *program, const struct cgroup *cgroup)
{
    uint64_t give_up_ns = clock_now_ns() + KILL_ALL_NS;
    if (!program->is_reaped)
        kill(program->pid, SIGKILL);
    program->is_stopped = false;
    while (program_reap(program) && !program->is_reaped && clock_now_ns() < give_up_ns)
        await_death();
    return program->is_reaped && cgroup_tasks(cgroup) == tasks_without(program);
}

void program_kill_all(struct program *program)
{
    uint64_t give_up_ns = clock_now_ns() + KILL_ALL_NS;
    program_kill(program);
    while (program_reap(program) && clock_now_ns() < give_up_ns) {
        await_death();
        /* A fork that was in progress during the kill may have created another process. */
        kill(-1, SIGKILL);
    }
    if (!program->ended) {
        program->ended = true;
        program->status = SIGKILL;
        program->ended_ns = clock_now_ns();
    }
}

/* SIGKILL came from the OOM killer if there were OOM kills after the program was last seen
 * alive. */
static enum verdict judge_death(const struct program *program, uint64_t oom_kills)
{
    if (WIFEXITED(program->status))
        return VERDICT_EXITED;
    bool by_kernel =
        WTERMSIG(program->status) == SIGKILL && oom_kills > program->oom_kills_survived;
    return by_kernel ? VERDICT_OOM : VERDICT_SIGNALED;
}

static enum verdict judge(const struct program *program, uint64_t oom_kills)
{
    switch (program->cut) {
    case CUT_TIMEOUT:
        return VERDICT_TIMEOUT;
    case CUT_CPU_TIME:
        return VERDICT_CPU_TIME;
    case CUT_MEMORY:
        return VERDICT_OOM;
    case CUT_NONE:
        break;
    }
    return judge_death(program, oom_kills);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The program's own report only counts for time that the kernel may not have counted yet, one tick.
 * No run can use more CPU time than all CPUs have. */
static uint64_t judge_cpu(const struct program *program, const struct cgroup *cgroup,
                          uint64_t wall_ns)
{
    cpu_set_t cpus;
    uint64_t used_ns = program_cpu_ns(program, cgroup);
    if (used_ns < program->told_cpu_ns)
        used_ns = least(program->told_cpu_ns, used_ns + TICK_NS);
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return used_ns;
    return least(used_ns, wall_ns * (uint64_t)CPU_COUNT(&cpus));
}

/* Returns the peak memory of a process; 0 if it does not exist. The program's name is in this file,
 * but without newlines, so it cannot imitate a line. */
static uint64_t peak_of_process(pid_t pid)
{
    static const char key[] = "\nVmHWM:";
    char path[32], text[STATUS_BYTES];
    uint64_t kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[len < 0 ? 0 : len] = '\0';
    const char *at = strstr(text, key);
    if (at) {
        at += sizeof key - 1;
        at += strspn(at, " \t");
        number_parse_uint(at, strspn(at, "0123456789"), &kilobytes);
    }
    return kilobytes << 10;
}

/* The kernel keeps one peak for the life of the box. If an earlier run had the higher peak, use the
 * peak of this run's largest process instead. */
static uint64_t judge_peak(const struct program *program, const struct cgroup *cgroup)
{
    uint64_t peak = cgroup_peak_bytes(cgroup);
    if (!program->follows || peak > program->peak_before)
        return peak;
    return program->is_reaped ? program->largest_bytes : peak_of_process(program->pid);
}

void program_judge(const struct program *program, const struct cgroup *cgroup,
                   struct outcome *outcome)
{
    uint64_t oom_kills = cgroup_oom_kills(cgroup);
    outcome->oom_kills = difference(oom_kills, program->oom_kills_before);
    outcome->verdict = judge(program, oom_kills);
    bool exited = outcome->verdict == VERDICT_EXITED;
    bool signaled = outcome->verdict == VERDICT_SIGNALED || outcome->verdict == VERDICT_OOM;
    outcome->exit_code = exited ? WEXITSTATUS(program->status) : 0;
    outcome->signal = signaled ? WTERMSIG(program->status) : 0;
    if (program->cut == CUT_MEMORY) {
        outcome->signal = SIGKILL;
        snprintf(outcome->text, sizeof outcome->text, "%s", TOO_MANY_LOCKS);
    }
    outcome->wall_ns = difference(program->ended_ns, program->started_ns);
    outcome->cpu_ns = judge_cpu(program, cgroup, outcome->wall_ns);
    outcome->peak_memory_bytes = judge_peak(program, cgroup);
    outcome->pids_refused_count =
        difference(cgroup_pids_refused(cgroup), program->pids_refused_before);
}
