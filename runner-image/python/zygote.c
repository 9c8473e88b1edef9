#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "zygote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../protocol.h"
#include "common/buf.h"
#include "handover.h"
#include "successor.h"

#define PORTRAIT_BYTES_MAX 16384

/* The signal mask before this process became the zygote; its programs get that mask back. */
static sigset_t signals_before;

/* ---- protection from programs ---- */

/* A system call, and which of its arguments is a process id. */
struct named {
    int call;
    unsigned argument;
};

static const struct named named[] = {
    {SYS_kill, 0},
    {SYS_tgkill, 0},
    {SYS_tgkill, 1},
    {SYS_rt_sigqueueinfo, 0},
    {SYS_rt_tgsigqueueinfo, 0},
    {SYS_rt_tgsigqueueinfo, 1},
    {SYS_pidfd_open, 0},
    {SYS_prlimit64, 0},
    {SYS_setpriority, 1},
    {SYS_sched_setaffinity, 0},
    {SYS_sched_setparam, 0},
    {SYS_sched_setscheduler, 0},
};

#define NAMED_COUNT (sizeof named / sizeof named[0])
#define STEPS_EACH 6

/* Returns where the filter finds an argument. Of a process id only the lower 32 bits count, which
 * come first on little-endian machines. */
static uint32_t place_of(unsigned argument)
{
    return (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
}

/* Write the filter's steps for one entry: refuse the call if the argument is `pid`, or -pid, which
 * is the process group for kill(2). */
static void put_steps(struct sock_filter *steps, const struct named *each, pid_t pid)
{
    const uint32_t number = offsetof(struct seccomp_data, nr);
    const struct sock_filter filled[STEPS_EACH] = {
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)each->call, 0, STEPS_EACH - 1),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place_of(each->argument)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)pid, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)-pid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
    };
    memcpy(steps, filled, sizeof filled);
}

/* Install a filter of system calls that every program will inherit. This process needs none of
 * these calls itself. */
static bool forbid_programs_to_change_us(void)
{
    struct sock_filter steps[1 + NAMED_COUNT * STEPS_EACH + 1];
    struct sock_fprog filter = {.len = sizeof steps / sizeof steps[0], .filter = steps};
    steps[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < NAMED_COUNT; i++)
        put_steps(steps + 1 + i * STEPS_EACH, &named[i], getpid());
    steps[filter.len - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* Returns true if this process has memory that a forked process could write to as well. In
 * /proc/self/maps, "rw-s" after the addresses means writable and shared. */
static bool shares_memory(void)
{
    char line[512];
    bool shares = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps)
        return true;
    while (fgets(line, sizeof line, maps)) {
        const char *rights = strchr(line, ' ');
        shares |= rights && rights[1] && rights[2] == 'w' && rights[3] && rights[4] == 's';
    }
    fclose(maps);
    return shares;
}

/* Block all signals, so that a kill(-1) does not end this process. Blocked signals stay pending,
 * and the next look shows them. SIGCHLD is not blocked: without a handler, the kernel drops it. */
static void block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGCHLD);
    sigprocmask(SIG_SETMASK, &all, &signals_before);
}

/* ---- the report about itself ---- */

static bool put_descriptors(struct buf *text)
{
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;
    char own[16]; /* the descriptor of dir */
    bool whole = dir != NULL;
    snprintf(own, sizeof own, "%d", whole ? dirfd(dir) : -1);
    while (whole && (entry = readdir(dir))) {
        char target[256];
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof target);
        if (len > 0 && strcmp(entry->d_name, own) != 0)
            whole = buf_printf(text, "fd %s %.*s\n", entry->d_name, (int)len, target);
    }
    if (dir)
        closedir(dir);
    return whole;
}

static bool put_folder_and_mask(struct buf *text)
{
    char folder[256];
    mode_t mask = umask(0);
    umask(mask);
    return getcwd(folder, sizeof folder) != NULL &&
           buf_printf(text, "folder %s\numask %o\n", folder, (unsigned)mask);
}

static bool put_settings(struct buf *text)
{
    sigset_t pending;
    char name[16];
    if (sigpending(&pending) != 0 || prctl(PR_GET_NAME, name) != 0)
        return false;
    for (int number = 1; number <= SIGRTMAX; number++) {
        if (sigismember(&pending, number) == 1 && !buf_printf(text, "pending %d\n", number))
            return false;
    }
    return buf_printf(text, "name %.16s\ntimer slack %d\ndumpable %d\n", name,
                      prctl(PR_GET_TIMERSLACK), prctl(PR_GET_DUMPABLE));
}

/* Send the part of this process's state that no other process can read. */
static void send_portrait(int fd)
{
    struct buf text;
    buf_init(&text, PORTRAIT_BYTES_MAX);
    if (!put_descriptors(&text) || !put_folder_and_mask(&text) || !put_settings(&text) ||
        !buf_append(&text, "", 1))
        handover_die("looking at oneself");
    struct bytes whole = buf_bytes(&text);
    if (send(fd, whole.data, whole.len, MSG_NOSIGNAL) != (ssize_t)whole.len)
        handover_die("the portrait");
    buf_release(&text);
}

static void stay(int fd)
{
    if (shares_memory() || !forbid_programs_to_change_us()) {
        send(fd, "", 1, MSG_NOSIGNAL);
        return;
    }
    prctl(PR_SET_DUMPABLE, 0);
    block_signals();
    send_portrait(fd);
}

/* ---- forking ---- */

/* Fork a process whose parent will be init, by way of a process in between. Returns 0 in the new
 * process; else the pid of the one in between, or -1. vfork lets that one share our memory, so that
 * memory is copied only once. */
static pid_t fork_for_init(void)
{
    pid_t between = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (between != 0)
        return between;
    pid_t child = fork(); // NOLINT(clang-analyzer-unix.Vfork)
    if (child == 0)
        return 0; // NOLINT(clang-analyzer-unix.Vfork): it has memory of its own
    _exit(child < 0 ? 1 : 0);
}

static void close_all(const int fds[FORK_FDS_COUNT])
{
    for (int i = 0; i < FORK_FDS_COUNT; i++)
        close(fds[i]);
}

/* Make the descriptors from init fds 0 to 3. Their own numbers are higher. */
static void take_streams(const int fds[FORK_FDS_COUNT])
{
    for (int i = 0; i < FORK_FDS_COUNT; i++) {
        if (dup2(fds[i], i) < 0)
            handover_die("streams");
    }
    fcntl(TEMPLATE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
    close_all(fds);
}

/* Wait until the process in between is reaped: from then on, init is our parent. */
static void await_adoption(const int reaped[2])
{
    char none;
    close(reaped[1]);
    while (read(reaped[0], &none, 1) < 0 && errno == EINTR)
        continue;
    close(reaped[0]);
}

static void begin_life(const int fds[FORK_FDS_COUNT], const int reaped[2])
{
    PyOS_AfterFork_Child();
    take_streams(fds);
    setsid();
    prctl(PR_SET_DUMPABLE, 1);
    sigprocmask(SIG_SETMASK, &signals_before, NULL);
    await_adoption(reaped);
    if (!successor_rename_main_thread())
        handover_die_of_python();
}

/* Returns true in the new process. If the fork fails, all copies of the new control socket are
 * closed, which init notices. */
static bool fork_program(const int fds[FORK_FDS_COUNT])
{
    /* when it is closed, the new process knows that the intermediate process is reaped */
    int reaped[2];
    if (pipe2(reaped, O_CLOEXEC) != 0)
        handover_die("a pipe");
    PyOS_BeforeFork();
    pid_t between = fork_for_init();
    if (between == 0) {
        begin_life(fds, reaped);
        return true;
    }
    PyOS_AfterFork_Parent();
    while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(reaped[0]);
    close(reaped[1]);
    close_all(fds);
    return false;
}

/* ---- orders ---- */

/* Wait for an order, and return its byte without consuming it. A RUN frame begins with WIRE_RUN. */
static char peek(int fd)
{
    char byte;
    for (;;) {
        ssize_t len = recv(fd, &byte, 1, MSG_PEEK);
        if (len == 1)
            return byte;
        if (len == 0)
            _exit(0); /* init has ended */
        if (errno != EINTR)
            handover_die("waiting for an order");
    }
}

static void take_order(int fd, int fds[FORK_FDS_COUNT])
{
    char byte;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FORK_FDS_COUNT * sizeof(int))];
    } control;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    for (int i = 0; i < FORK_FDS_COUNT; i++)
        fds[i] = -1;
    if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != 1)
        handover_die("taking an order");
    const struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    if (part && part->cmsg_type == SCM_RIGHTS &&
        part->cmsg_len == CMSG_LEN(FORK_FDS_COUNT * sizeof(int)))
        memcpy(fds, CMSG_DATA(part), FORK_FDS_COUNT * sizeof(int));
}

bool zygote_serve(int fd)
{
    int fds[FORK_FDS_COUNT];
    for (;;) {
        switch (peek(fd)) {
        case ORDER_STAY:
            take_order(fd, fds);
            stay(fd);
            break;
        case ORDER_LOOK:
            take_order(fd, fds);
            send_portrait(fd);
            break;
        case HANDOVER_CALL: /* init called before we were warm */
            take_order(fd, fds);
            break;
        case ORDER_FORK:
            take_order(fd, fds);
            if (fork_program(fds))
                return true;
            break;
        default:
            return false;
        }
    }
}
