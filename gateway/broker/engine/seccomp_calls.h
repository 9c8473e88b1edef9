/* seccomp_calls.h - the system calls that boxes may make. Private to seccomp.c.
 *
 * The lists are macros, because each name is needed as text for all architectures, and as a number
 * for this program's. For each name, tests/docker/test_seccomp.py has a program that needs it.
 */
#ifndef MAYFLY_SECCOMP_CALLS_H
#define MAYFLY_SECCOMP_CALLS_H

/* clang-format off */
#define FILE_CALLS(X) \
    X(chdir) X(close) X(close_range) X(copy_file_range) X(dup) X(dup3) X(faccessat) \
    X(faccessat2) X(fadvise64) X(fallocate) X(fchdir) X(fchmod) X(fchmodat) X(fchown) \
    X(fchownat) X(fdatasync) X(fgetxattr) X(flistxattr) X(flock) \
    X(fstat) X(fstatfs) X(fsync) X(ftruncate) X(getcwd) X(getdents64) X(getxattr) \
    X(lgetxattr) X(linkat) X(listxattr) X(llistxattr) X(lseek) X(mkdirat) X(newfstatat) \
    X(openat) X(pipe2) X(pread64) X(preadv) X(preadv2) \
    X(pwrite64) X(pwritev) X(pwritev2) X(read) X(readlinkat) X(readv) X(renameat) \
    X(renameat2) X(statfs) X(statx) X(symlinkat) X(truncate) X(umask) \
    X(unlinkat) X(utimensat) X(write) X(writev)

#define MEMORY_CALLS(X) \
    X(brk) X(madvise) X(membarrier) X(memfd_create) X(mincore) X(mlock) X(mmap) X(mprotect) \
    X(mremap) X(msync) X(munlock) X(munmap)

#define PROCESS_CALLS(X) \
    X(execve) X(execveat) X(exit) X(exit_group) X(futex) X(getcpu) X(getegid) X(geteuid) \
    X(getgid) X(getgroups) X(getpgid) X(getpid) X(getppid) X(getpriority) X(getresgid) \
    X(getresuid) X(getrusage) X(getsid) X(gettid) X(getuid) X(pidfd_open) X(pidfd_send_signal) \
    X(prctl) X(rseq) X(sched_get_priority_max) X(sched_get_priority_min) X(sched_getaffinity) \
    X(sched_getparam) X(sched_getscheduler) X(sched_rr_get_interval) X(sched_yield) \
    X(set_robust_list) X(set_tid_address) X(setgid) X(setpgid) X(setregid) \
    X(setresgid) X(setresuid) X(setreuid) X(setsid) X(setuid) X(sysinfo) X(uname) X(wait4) \
    X(waitid)

#define SIGNAL_AND_TIME_CALLS(X) \
    X(clock_getres) X(clock_gettime) X(clock_nanosleep) X(getitimer) X(getrandom) \
    X(gettimeofday) X(kill) X(nanosleep) X(restart_syscall) X(rt_sigaction) X(rt_sigpending) \
    X(rt_sigprocmask) X(rt_sigqueueinfo) X(rt_sigreturn) X(rt_sigsuspend) X(rt_sigtimedwait) \
    X(rt_tgsigqueueinfo) X(setitimer) X(sigaltstack) X(tgkill) X(timer_create) X(timer_delete) \
    X(timer_getoverrun) X(timer_gettime) X(timer_settime) X(times)

#define EVENT_AND_SOCKET_CALLS(X) \
    X(accept) X(accept4) X(bind) X(connect) X(epoll_create1) X(epoll_ctl) X(epoll_pwait) \
    X(eventfd2) X(getpeername) X(getsockname) X(getsockopt) X(listen) X(ppoll) X(pselect6) \
    X(recvfrom) X(recvmsg) X(shutdown) X(signalfd4) X(timerfd_create) \
    X(timerfd_gettime) X(timerfd_settime)

#define COMMON_CALLS(X) \
    FILE_CALLS(X) MEMORY_CALLS(X) PROCESS_CALLS(X) SIGNAL_AND_TIME_CALLS(X) \
    EVENT_AND_SOCKET_CALLS(X)

/* Older calls, which C libraries still use on x86-64. arm64 never had them. */
#define X86_64_CALLS(X) \
    X(access) X(alarm) X(arch_prctl) X(chmod) X(chown) X(creat) X(dup2) X(epoll_wait) X(fork) \
    X(getpgrp) X(lchown) X(link) X(lstat) X(mkdir) X(open) X(pause) X(pipe) X(poll) X(readlink) \
    X(rename) X(rmdir) X(select) X(stat) X(symlink) X(unlink) X(vfork)

/* Allowed only with some arguments; see put_conditions. */
#define COMMON_CONDITIONAL_CALLS(X) \
    X(clone) X(fcntl) X(ioctl) X(mknodat) X(prlimit64) X(sched_setaffinity) X(sched_setparam) \
    X(sched_setscheduler) X(sendmmsg) X(sendmsg) X(sendto) X(setpriority) X(setsockopt) \
    X(socket) X(socketpair)

#define X86_64_CONDITIONAL_CALLS(X) \
    X(mknod)

/* clang-format on */

#endif
