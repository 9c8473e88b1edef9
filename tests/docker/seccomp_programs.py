"""Has a program for each system call of the profile: it fails if only that call is refused.

The programs run inside boxes, each in a fork of its own, with the names of PRELUDE at hand. Where neither Python nor C
offers the call by a name, or glibc makes another in its place, `reaches` makes it by number: the answer must be the
kernel's. Who makes it then is said beside it.
"""

PRELUDE = r'''
import contextlib, ctypes, errno, fcntl, faulthandler, mmap, os, resource, select, shutil, signal, socket, struct
import subprocess, sys, tempfile, threading, time

libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_long
HERE = b"/tmp/here"


def c(name, *arguments):
    """A function of the C library that returns -1 when it fails."""
    ctypes.set_errno(0)
    answer = getattr(libc, name)(*arguments)
    if answer == -1:
        raise OSError(ctypes.get_errno(), name)
    return answer


def reaches(number, *arguments):
    """The kernel itself answers a call, well or badly."""
    ctypes.set_errno(0)
    if libc.syscall(number, *arguments) == -1 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
        raise OSError(ctypes.get_errno(), f"system call {number}")


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def sh(text):
    run("/bin/sh", "-c", text)


def page():
    """A page of memory: its address and size, as C takes them."""
    memory = mmap.mmap(-1, 4096)
    page.kept = ctypes.c_char.from_buffer(memory)
    return ctypes.c_void_p(ctypes.addressof(page.kept)), ctypes.c_size_t(4096)


def new_file(content=b"x" * 8192):
    fd = os.open(HERE, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def connected():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    return client, other


def datagrams():
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for end in ends:
        end.bind(("127.0.0.1", 0))
    ends[0].connect(ends[1].getsockname())
    return ends


def same(seen, expected):
    assert seen == expected, (seen, expected)


def status(name):
    with open("/proc/self/status") as file:
        return [line for line in file if line.startswith(name + ":")][0].split()[1:]


def interrupted(call, after=0.05):
    """Call with a SIGALRM on the way that is handled."""
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, after)
    call()


def timer():
    made = ctypes.c_void_p()
    c("timer_create", 1, None, ctypes.byref(made))
    return made


def stopped_and_continued():
    """A sleep that a stop interrupts goes on by restart_syscall."""
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.nanosleep(struct.pack("qq", 1, 0), None) == 0 else 1)
    time.sleep(0.1)
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    os.kill(child, signal.SIGCONT)
    assert os.waitpid(child, 0)[1] == 0


def restores():
    seen = []
    signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    os.kill(os.getpid(), signal.SIGUSR1)
    same(seen, [1])


def pending(number):
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    os.kill(os.getpid(), number)


def contended():
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.05, lock.release).start()
    assert lock.acquire(timeout=5)


def thread():
    worker = threading.Thread(target=lambda: None)
    worker.start()
    worker.join(5)
    assert not worker.is_alive()


def settles(condition):
    deadline = time.monotonic() + 1
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def ends_with_its_threads():
    child = os.fork()
    if child == 0:
        threading.Thread(target=time.sleep, args=(600,)).start()
        os._exit(7)
    same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 7)
'''

PROGRAMS = {
    # ---- files ----
    "chdir": "os.chdir('/tmp')",
    "close": "os.close(os.open('/box', os.O_RDONLY))",
    "close_range": "c('close_range', 100, 200, 0)",
    "copy_file_range": "os.copy_file_range(new_file(), os.open('/tmp/to', os.O_RDWR | os.O_CREAT), 100)",
    "dup": "c('dup', 0)",
    "dup3": "os.dup2(0, 50, inheritable=False)",
    "faccessat": "reaches(CALLS['faccessat'], -100, b'/box', 0)  # musl, older glibc",
    "faccessat2": "assert os.access('/box', os.R_OK, effective_ids=True, follow_symlinks=False)",
    "fadvise64": "os.posix_fadvise(new_file(), 0, 0, os.POSIX_FADV_SEQUENTIAL)",
    "fallocate": "c('fallocate', new_file(), 0, ctypes.c_long(0), ctypes.c_long(100000))",
    "fchdir": "os.fchdir(os.open('/tmp', os.O_RDONLY))",
    "fchmod": "os.fchmod(new_file(), 0o644)",
    "fchmodat": "new_file(); os.chmod('here', 0o600, dir_fd=os.open('/tmp', os.O_RDONLY))",
    "fchown": "os.fchown(new_file(), -1, os.getgid())",
    "fchownat": "new_file(); os.chown('here', -1, os.getgid(), dir_fd=os.open('/tmp', os.O_RDONLY))",
    "fcntl": "assert fcntl.fcntl(0, fcntl.F_GETFD) >= 0",
    "fdatasync": "os.fdatasync(new_file())",
    "fgetxattr": "reaches(CALLS['fgetxattr'], new_file(), b'user.x', None, 0)  # cp",
    "flistxattr": "os.listxattr(new_file())",
    "flock": "fcntl.flock(new_file(), fcntl.LOCK_EX)",
    "fstat": "reaches(CALLS['fstat'], 0, ctypes.create_string_buffer(256))  # Go, musl, newer glibc",
    "fstatfs": "os.fstatvfs(0)",
    "fsync": "os.fsync(new_file())",
    "ftruncate": "os.ftruncate(new_file(), 10)",
    "getcwd": "same(os.getcwd(), '/box')",
    "getdents64": "os.listdir('/')",
    "getxattr": "new_file(); reaches(CALLS['getxattr'], HERE, b'user.x', None, 0)  # shutil.copy2, cp",
    "ioctl": "fcntl.ioctl(os.pipe()[0], 0x541B, b'1234')  # FIONREAD",
    "lgetxattr": "new_file(); reaches(CALLS['lgetxattr'], HERE, b'user.x', None, 0)  # shutil.copy2, cp",
    "linkat": "new_file(); at = os.open('/tmp', os.O_RDONLY)\n"
              "os.link('here', 'link', src_dir_fd=at, dst_dir_fd=at)",
    "listxattr": "new_file(); os.listxattr(HERE)",
    "llistxattr": "new_file(); os.listxattr(HERE, follow_symlinks=False)",
    "lseek": "os.lseek(new_file(), 10, os.SEEK_SET)",
    "mkdirat": "os.mkdir('made', dir_fd=os.open('/tmp', os.O_RDONLY))",
    "mknod": "reaches(CALLS['mknod'], b'/tmp/fifo', 0o10600, 0)  # musl",
    "mknodat": "os.mkfifo('/tmp/fifo')",
    "newfstatat": "os.stat('/box')",
    "openat": "open('/etc/passwd').close()",
    "pipe2": "os.pipe()",
    "pread64": "same(os.pread(new_file(), 10, 5), b'x' * 10)",
    "preadv": "c('preadv', new_file(), None, 0, 0)",
    "preadv2": "same(os.preadv(new_file(), [bytearray(10)], 0), 10)",
    "pwrite64": "os.pwrite(new_file(), b'x', 5)",
    "pwritev": "c('pwritev', new_file(), None, 0, 0)",
    "pwritev2": "os.pwritev(new_file(), [b'x'], 0)",
    "read": "os.read(new_file(), 10)",
    "readlinkat": "os.readlink('self', dir_fd=os.open('/proc', os.O_RDONLY))",
    "readv": "os.readv(new_file(), [bytearray(10)])",
    "renameat": "new_file(); at = os.open('/tmp', os.O_RDONLY)\n"
                "os.rename('here', 'there', src_dir_fd=at, dst_dir_fd=at)",
    "renameat2": "new_file(); c('renameat2', -100, HERE, -100, b'/tmp/new', 1)",
    "statfs": "os.statvfs('/box')",
    "statx": "run('/usr/bin/stat', '/box')",
    "symlinkat": "os.symlink('a', 'b', dir_fd=os.open('/tmp', os.O_RDONLY))",
    "truncate": "new_file(); os.truncate(HERE, 5)",
    "umask": "os.umask(0o22); same(os.umask(0o22), 0o22)",
    "unlinkat": "new_file(); os.unlink('here', dir_fd=os.open('/tmp', os.O_RDONLY))",
    "utimensat": "new_file(); os.utime(HERE)",
    "write": "os.write(os.pipe()[1], b'x')",
    "writev": "os.writev(os.pipe()[1], [b'x'])",
    # ---- memory ----
    "brk": "ctypes.memset(libc.sbrk(1 << 20), 1, 1 << 20)",
    "madvise": "mmap.mmap(-1, 8192).madvise(mmap.MADV_DONTNEED)",
    "membarrier": "reaches(CALLS['membarrier'], 0, 0, 0)  # Go, Java, .NET",
    "memfd_create": "os.memfd_create('x')",
    "mincore": "c('mincore', *page(), ctypes.create_string_buffer(1))",
    "mlock": "c('mlock', *page())",
    "mmap": "mmap.mmap(-1, 1 << 20)",
    "mprotect": "c('mprotect', *page(), 1)",
    "mremap": "mmap.mmap(-1, 4096).resize(8192)",
    "msync": "at = mmap.mmap(new_file(), 4096); at[0] = 1; at.flush()",
    "munlock": "c('munlock', *page())",
    "munmap": "reaches(CALLS['munmap'], 0, 0)  # free; nobody looks at the answer",
    # ---- processes ----
    "clone": "thread()",
    "execve": "run('/bin/true')",
    "execveat": "child = os.fork()\nif child == 0: os.execve(os.open('/bin/true', os.O_RDONLY), ['true'], {})\n"
                "same(os.waitpid(child, 0)[1], 0)",
    "exit": "thread(); assert settles(lambda: len(os.listdir('/proc/self/task')) == 1)",
    "exit_group": "ends_with_its_threads()",
    "fork": "reaches(CALLS['fork']) if os.fork() == 0 else same(os.wait()[1], 0)  # musl",
    "futex": "contended()",
    "getcpu": "reaches(CALLS['getcpu'], None, None, None)  # sched_getcpu, where the vDSO has none",
    "getegid": "same(os.getegid(), int(status('Gid')[1]))",
    "geteuid": "same(os.geteuid(), int(status('Uid')[1]))",
    "getgid": "same(os.getgid(), int(status('Gid')[0]))",
    "getgroups": "os.getgroups()",
    "getpgid": "os.getpgid(0)",
    "getpgrp": "assert os.getpgrp() > 0",
    "getpid": "same(os.getpid(), int(os.readlink('/proc/self')))",
    "getppid": "same(os.getppid(), int(status('PPid')[0]))",
    "getpriority": "os.getpriority(os.PRIO_PROCESS, 0)",
    "getresgid": "os.getresgid()",
    "getresuid": "os.getresuid()",
    "getrusage": "resource.getrusage(resource.RUSAGE_SELF)",
    "getsid": "os.getsid(0)",
    "gettid": "reaches(CALLS['gettid'])  # threading.get_native_id",
    "getuid": "same(os.getuid(), int(status('Uid')[0]))",
    "pidfd_open": "os.pidfd_open(os.getpid())",
    "pidfd_send_signal": "signal.pidfd_send_signal(os.pidfd_open(os.getpid()), 0)",
    "prctl": "c('prctl', 15, b'name', 0, 0, 0)",
    "prlimit64": "resource.getrlimit(resource.RLIMIT_NOFILE)",
    "rseq": "reaches(CALLS['rseq'], 0, 0, 0, 0)  # the start of each thread",
    "sched_get_priority_max": "os.sched_get_priority_max(os.SCHED_RR)",
    "sched_get_priority_min": "os.sched_get_priority_min(os.SCHED_RR)",
    "sched_getaffinity": "os.sched_getaffinity(0)",
    "sched_getparam": "os.sched_getparam(0)",
    "sched_getscheduler": "os.sched_getscheduler(0)",
    "sched_rr_get_interval": "os.sched_rr_get_interval(0)",
    "sched_setaffinity": "os.sched_setaffinity(0, os.sched_getaffinity(0))",
    "sched_setparam": "os.sched_setparam(0, os.sched_param(0))",
    "sched_setscheduler": "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))",
    "sched_yield": "os.sched_yield()",
    "set_robust_list": "reaches(CALLS['set_robust_list'], 0, 0)  # the start of each thread",
    "set_tid_address": "reaches(CALLS['set_tid_address'], 0)  # the start of each process",
    "setgid": "os.setgid(os.getgid())",
    "setpgid": "child = os.fork()\nif child == 0: time.sleep(5)\n"
               "os.setpgid(child, child); os.kill(child, 9); os.wait()",
    "setpriority": "os.nice(1)",
    "setregid": "os.setregid(-1, -1)",
    "setresgid": "os.setresgid(-1, -1, -1)",
    "setresuid": "os.setresuid(-1, -1, -1)",
    "setreuid": "os.setreuid(-1, -1)",
    "setsid": "child = os.fork()\nif child == 0: os.setsid(); os._exit(0)\nsame(os.waitpid(child, 0)[1], 0)",
    "setuid": "os.setuid(os.getuid())",
    "sysinfo": "c('sysinfo', ctypes.create_string_buffer(512))",
    "uname": "os.uname()",
    "vfork": "sh('/bin/true; exit 0')",
    "wait4": "child = os.fork()\nif child == 0: os._exit(0)\nos.wait4(child, 0)",
    "waitid": "child = os.fork()\nif child == 0: os._exit(0)\nos.waitid(os.P_PID, child, os.WEXITED)",
    # ---- signals and time ----
    "alarm": "signal.signal(signal.SIGALRM, lambda *_: None); signal.alarm(5); assert 0 < signal.alarm(0) <= 5",
    "arch_prctl": "run('/bin/true')",
    "clock_getres": "reaches(CALLS['clock_getres'], 0, None)  # where the vDSO cannot",
    "clock_gettime": "reaches(CALLS['clock_gettime'], 0, ctypes.create_string_buffer(16))  # without the vDSO",
    "clock_nanosleep": "time.sleep(0.001)",
    "getitimer": "signal.getitimer(signal.ITIMER_REAL)",
    "getrandom": "os.getrandom(8)",
    "gettimeofday": "reaches(CALLS['gettimeofday'], ctypes.create_string_buffer(16), None)  # without the vDSO",
    "kill": "os.kill(os.getpid(), 0)",
    "nanosleep": "reaches(CALLS['nanosleep'], struct.pack('qq', 0, 1), None)  # Go, so runc on its way into the box",
    "pause": "begun = time.monotonic(); interrupted(signal.pause, 0.2); assert time.monotonic() - begun > 0.15",
    "restart_syscall": "stopped_and_continued()",
    "rt_sigaction": "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
    "rt_sigpending": "signal.sigpending()",
    "rt_sigprocmask": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])",
    "rt_sigqueueinfo": "c('sigqueue', os.getpid(), 0, None)",
    "rt_sigreturn": "restores()",
    "rt_sigsuspend": "begun = time.monotonic(); mask = ctypes.create_string_buffer(128)\n"
                     "interrupted(lambda: libc.sigsuspend(mask), 0.2); assert time.monotonic() - begun > 0.15",
    "rt_sigtimedwait": "pending(signal.SIGUSR1); signal.sigtimedwait([signal.SIGUSR1], 1)",
    "rt_tgsigqueueinfo": "reaches(CALLS['rt_tgsigqueueinfo'], os.getpid(), os.getpid(), 64, None)  # pthread_sigqueue",
    "setitimer": "signal.setitimer(signal.ITIMER_REAL, 0)",
    "sigaltstack": "faulthandler.enable(); c('sigaltstack', None, ctypes.create_string_buffer(32))",
    "tgkill": "signal.signal(10, signal.SIG_IGN); signal.pthread_kill(threading.get_ident(), 10)",
    "timer_create": "timer()",
    "timer_delete": "c('timer_delete', timer())",
    "timer_getoverrun": "c('timer_getoverrun', timer())",
    "timer_gettime": "c('timer_gettime', timer(), ctypes.create_string_buffer(32))",
    "timer_settime": "c('timer_settime', timer(), 0, ctypes.create_string_buffer(32), None)",
    "times": "reaches(CALLS['times'], ctypes.create_string_buffer(64))  # os.times",
    # ---- events and sockets ----
    "accept": "with socket.create_server(('127.0.0.1', 0)) as s:\n client = socket.create_connection(s.getsockname())\n"
              " c('accept', s.fileno(), None, None)",
    "accept4": "connected()",
    "bind": "socket.socket().bind(('127.0.0.1', 0))",
    "connect": "connected()",
    "epoll_create1": "select.epoll()",
    "epoll_ctl": "select.epoll().register(os.pipe()[0])",
    "epoll_pwait": "at = select.epoll(); c('epoll_pwait', at.fileno(), ctypes.create_string_buffer(12), 1, 0, None)",
    "epoll_wait": "select.epoll().poll(0)",
    "eventfd2": "os.eventfd(1)",
    "getpeername": "connected()[0].getpeername()",
    "getsockname": "socket.socket().getsockname()",
    "getsockopt": "socket.socket().getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)",
    "listen": "socket.socket().listen()",
    "poll": "select.poll().poll(0)",
    "ppoll": "c('ppoll', None, 0, struct.pack('qq', 0, 1), None)",
    "pselect6": "select.select([], [], [], 0)",
    "recvfrom": "a, b = connected(); a.send(b'x'); same(b.recv(1), b'x')",
    "recvmsg": "a, b = connected(); a.send(b'x'); same(b.recvmsg(1)[0], b'x')",
    "select": "reaches(CALLS['select'], 0, None, None, None, struct.pack('qq', 0, 0))  # musl, older glibc",
    "sendmmsg": "reaches(CALLS['sendmmsg'], datagrams()[0].fileno(), None, 0, 0)  # glibc's name resolution",
    "sendmsg": "connected()[0].sendmsg([b'x'])",
    "sendto": "connected()[0].send(b'x')",
    "setsockopt": "socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
    "shutdown": "connected()[0].shutdown(socket.SHUT_WR)",
    "signalfd4": "c('signalfd', -1, ctypes.create_string_buffer(128), 0)",
    "socket": "socket.socket(); socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); socket.socket(socket.AF_UNIX)",
    "socketpair": "socket.socketpair()",
    "timerfd_create": "c('timerfd_create', 1, 0)",
    "timerfd_gettime": "at = c('timerfd_create', 1, 0)\n"
                       "c('timerfd_gettime', at, ctypes.create_string_buffer(32))",
    "timerfd_settime": "at = c('timerfd_create', 1, 0)\n"
                       "c('timerfd_settime', at, 0, ctypes.create_string_buffer(32), None)",
    # ---- the older forms of x86-64 ----
    "access": "assert os.access('/box', os.R_OK)",
    "chmod": "new_file(); os.chmod(HERE, 0o600)",
    "chown": "new_file(); os.chown(HERE, -1, os.getgid())",
    "creat": "reaches(CALLS['creat'], HERE, 0o600)  # tar -c",
    "dup2": "os.dup2(0, 50)",
    "lchown": "new_file(); os.lchown(HERE, -1, os.getgid())",
    "link": "new_file(); os.link(HERE, '/tmp/link')",
    "lstat": "reaches(CALLS['lstat'], b'/box', ctypes.create_string_buffer(256))  # musl, older glibc",
    "mkdir": "os.mkdir('/tmp/made')",
    "open": "reaches(CALLS['open'], b'/box', 0)  # musl, older glibc",
    "pipe": "reaches(CALLS['pipe'], ctypes.create_string_buffer(8))  # musl, older glibc",
    "readlink": "os.readlink('/proc/self')",
    "rename": "new_file(); os.rename(HERE, '/tmp/there')",
    "rmdir": "os.mkdir('/tmp/made'); os.rmdir('/tmp/made')",
    "stat": "reaches(CALLS['stat'], b'/box', ctypes.create_string_buffer(256))  # musl, older glibc",
    "symlink": "os.symlink('a', '/tmp/b')",
    "unlink": "new_file(); os.unlink(HERE)",
}
