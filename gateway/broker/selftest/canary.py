# mayfly canary
"""Looks at a box from inside and prints what it sees: one JSON object of check names and texts.

It judges nothing: canary_judge.c has the expected values. Standard input has the numbers of the system calls that the
profile allows. Every check is cheap, and none needs a module that the interpreter has not loaded already, except
ctypes. If a check fails, its text is that of the exception, which no expected text equals.
"""
import ctypes
import errno
import json
import os
import resource
import signal
import socket
import stat
import sys

MACHINE = os.uname().machine
SYSCALLS_END = 512  # calls are probed up to this number; the newest call has a lower one
# These calls of x86-64 are not probed: pause would wait; uretprobe and uprobe, to which no filter applies, raise SIGILL
# outside of a probe.
UNPROBED = {34, 335, 336} if MACHINE == "x86_64" else set()
LIBC = ctypes.CDLL(None, use_errno=True)


def read(path):
    with open(path) as file:
        return file.read()


def some(names):
    """Returns the list as text, cut far above the length of any expected text, because a report has a cap of its
    own."""
    return " ".join(names)[:2000] or "none"


# ---- who we are ----

STATUS = dict(line.split(":", 1) for line in read("/proc/self/status").splitlines())


def status(name):
    return " ".join(STATUS[name].split())


class Names(ctypes.Structure):
    """struct utsname, which os.uname does not give as a whole."""
    _fields_ = [(name, ctypes.c_char * 65) for name in ("system", "node", "release", "version", "machine", "domain")]


def uname():
    names = Names()
    if LIBC.uname(ctypes.byref(names)) != 0:
        raise OSError(ctypes.get_errno(), "uname")
    return names


def kernel():
    """Returns the kernel's name by uname, which no box on Linux can change. gVisor's uname has a version with a fixed
    date."""
    return "gVisor" if uname().version == b"#1 SMP Sun Jan 10 15:06:54 PST 2016" else uname().system.decode()


KERNEL = kernel()


def capabilities():
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    return some([*(f"{name}={status(name)}" for name in names if name in STATUS and int(status(name), 16)),
                 *(f"no-{name}" for name in names if name not in STATUS)])


def no_new_privileges():
    get_no_new_privs = 39
    return str(LIBC.prctl(get_no_new_privs, 0, 0, 0, 0))


def identity():
    """Returns one number if all user and group ids are the same."""
    return some(sorted(set(status("Uid").split() + status("Gid").split() + status("Groups").split())))


def namespaces_of_the_host():
    """The first namespaces have fixed numbers (the kernel's include/linux/proc_ns.h)."""
    first = {"ipc": 0xEFFFFFFF, "uts": 0xEFFFFFFE, "pid": 0xEFFFFFFC, "cgroup": 0xEFFFFFFB}
    there = os.listdir("/proc/self/ns")
    return some([*(name for name in first if name in there and os.stat(f"/proc/self/ns/{name}").st_ino == first[name]),
                 *(f"no-{name}" for name in first if name not in there)])


def processes():
    return some(sorted(read(f"/proc/{pid}/comm").strip() for pid in os.listdir("/proc") if pid.isdigit()))


def init_secrets():
    """Returns the facts about PID 1 that this process can read although only init's own user should."""
    found = []
    for name in ("environ", "maps", "mem", "auxv", "io", "stack", "syscall"):
        try:
            with open(f"/proc/1/{name}", "rb") as file:
                file.read(1)
            found.append(name)
        except OSError:
            pass
    for name in ("exe", "cwd", "root"):
        try:
            os.readlink(f"/proc/1/{name}")
            found.append(name)
        except OSError:
            pass
    try:
        descriptors = os.listdir("/proc/1/fd")
        found.append("fd")
    except OSError:
        descriptors = range(64)
    found += [f"fd/{number}" for number in descriptors if opens(f"/proc/1/fd/{number}")]
    return some(found + ["mem:writable"] * opens_for_writing("/proc/1/mem"))


def opens(path):
    for mode in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(path, mode | os.O_NONBLOCK))
            return True
        except OSError:
            pass
    return False


def lowest_oom_score():
    """Returns the lowest OOM score that a process can give itself. The kernel allows every score from that one on."""
    report, sink = os.pipe()
    if os.fork() == 0:
        lowest, below = 1000, -1001
        while lowest - below > 1:
            score = (lowest + below) // 2
            try:
                with open("/proc/self/oom_score_adj", "w") as file:
                    file.write(str(score))
                lowest = score
            except OSError:
                below = score
        os.write(sink, str(lowest).encode())
        os._exit(0)
    os.close(sink)
    os.wait()
    with open(report) as file:
        return file.read()


def apparmor():
    for path in ("/proc/self/attr/apparmor/current", "/proc/self/attr/current"):
        try:
            return read(path).strip("\0\n") or "none"
        except OSError:
            pass
    return "none"


def terminal():
    found = [str(fd) for fd in range(3) if os.isatty(fd)]
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
        found.append("/dev/tty")
    except OSError:
        pass
    return some(found + [path for path in ("/dev/console",) if os.path.exists(path)])


def rlimit(name):
    both = resource.getrlimit(getattr(resource, "RLIMIT_" + name.upper()))
    return " ".join("unlimited" if value == resource.RLIM_INFINITY else str(value) for value in both)


# ---- files ----

def mounted(path):
    """Returns type and flags of the file system at path. The type of the root is not reported, because it depends on
    the engine."""
    kind = MOUNTS.get(path, "not mounted")
    found = os.statvfs(path)
    flags = [name for bit, name in ((1, "ro"), (2, "nosuid"), (4, "nodev"), (8, "noexec")) if found.f_flag & bit]
    return " ".join(flags if path == "/" else [kind, *flags])


def room(path):
    found = os.statvfs(path)
    return f"{found.f_blocks * found.f_frsize} bytes"


def files(path):
    return str(os.statvfs(path).f_files or "unlimited")


def mount_table():
    """Returns {mount point: type}. A later mount hides an earlier one."""
    table = {}
    for line in read("/proc/self/mountinfo").splitlines():
        fields = line.split(" ")
        table[fields[4]] = fields[fields.index("-") + 1]
    return table


MOUNTS = mount_table()


def mount_points():
    """Returns all mount points except those inside /proc and /sys (see writable_kernel_mounts), and except the files
    that some engines mount for a box's network."""
    return some(sorted(path for path in MOUNTS if not path.startswith(("/proc/", "/sys/"))
                       and path not in ("/etc/hosts", "/etc/resolv.conf")))


def is_null(path):
    found = os.stat(path)
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == os.makedev(1, 3)


def as_told(path):
    """Returns the path, with ":root's" if root alone may write to it and this is expected here. On cgroup v1 the folder
    of the hierarchies is a tmpfs, which some runtimes leave writable. gVisor's kernel reports many paths as
    writable."""
    is_known = KERNEL == "gVisor" or path == "/sys/fs/cgroup" and MOUNTS.get(path) == "tmpfs"
    return path + ":root's" if is_known and is_roots(path) else path


def is_roots(path):
    found = os.stat(path)
    if found.st_uid == os.getuid() or found.st_mode & 0o022 or can_make_a_file(path):
        return False
    return KERNEL != "gVisor" or not any(opens_for_writing(each) for each in [path, *files_below(path)])


def files_below(path):
    return [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]


def opens_for_writing(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        return True
    except OSError:
        return False


def writable_kernel_mounts():
    found = []
    for path in sorted(MOUNTS):
        if path.startswith(("/proc/", "/sys")) and os.path.lexists(path) and not is_null(path):
            if not os.statvfs(path).f_flag & os.ST_RDONLY:
                found.append(as_told(path))
    return some(found)


def writable_kernel_paths():
    paths = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys", "/sys/fs/cgroup")
    return some(as_told(path) for path in paths if os.path.exists(path) and not os.statvfs(path).f_flag & os.ST_RDONLY)


MASKED_PATHS = (
    "/proc/acpi", "/proc/asound", "/proc/buddyinfo", "/proc/bus", "/proc/cmdline", "/proc/config.gz", "/proc/consoles",
    "/proc/diskstats", "/proc/driver", "/proc/fs", "/proc/interrupts", "/proc/iomem", "/proc/ioports", "/proc/irq",
    "/proc/kallsyms", "/proc/kcore", "/proc/key-users", "/proc/keys", "/proc/latency_stats",
    "/proc/modules", "/proc/pagetypeinfo", "/proc/partitions", "/proc/pressure", "/proc/sched_debug",
    "/proc/schedstat", "/proc/scsi", "/proc/slabinfo", "/proc/softirqs", "/proc/swaps", "/proc/sys/fs/aio-nr",
    "/proc/sys/fs/dentry-state", "/proc/sys/fs/file-nr", "/proc/sys/fs/inode-nr", "/proc/sys/fs/inode-state",
    "/proc/sys/kernel/pty/nr", "/proc/sys/kernel/random/boot_id", "/proc/timer_list", "/proc/timer_stats",
    "/proc/vmallocinfo", "/proc/vmstat", "/proc/zoneinfo", "/sys/devices/LNXSYSTM:00", "/sys/devices/pci0000:00",
    "/sys/devices/platform", "/sys/devices/pnp0", "/sys/devices/virtual/bdi", "/sys/devices/virtual/block",
    "/sys/devices/virtual/dmi", "/sys/devices/virtual/powercap", "/sys/devices/virtual/thermal", "/sys/firmware",
    "/sys/fs/btrfs", "/sys/fs/ext4", "/sys/fs/xfs", "/sys/hypervisor", "/sys/kernel", "/sys/module", "/sys/power")


def unmasked_paths():
    """Returns the files that are not /dev/null, and the directories that are not empty."""
    paths = [*MASKED_PATHS, *(f"/sys/devices/system/cpu/cpu{n}/thermal_throttle" for n in range(os.cpu_count()))]
    return some(path for path in paths if os.path.exists(path)
                and not (is_null(path) or os.path.isdir(path) and not os.listdir(path)))


def can_make_a_file(folder):
    path = folder + "/.canary"
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.unlink(path)
        return True
    except OSError:
        return False


PASSED_BY = ("/proc", "/sys", "/usr/share")


def walk():
    """Walk through the directories outside of /proc and /sys. Of the system's directories, visit only the upper ones,
    because those below are in the same file system. Returns the writable directories, setuid files and sockets."""
    writable, bad = [], []
    waiting = ["/"]
    while waiting:
        folder = waiting.pop()
        if os.access(folder, os.W_OK) and can_make_a_file(folder):
            writable.append(folder)
        looks = folder.endswith("bin") or folder.startswith("/run")
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in PASSED_BY and not (folder.count("/") > 1 and folder.startswith("/usr")):
                    waiting.append(entry.path)
            elif looks:
                mode = entry.stat(follow_symlinks=False).st_mode
                if mode & (stat.S_ISUID | stat.S_ISGID) or stat.S_ISSOCK(mode):
                    bad.append(entry.path)
    return some(sorted(writable)), some(sorted(bad))


def devices():
    """Returns the device nodes and sockets in /dev."""
    found = []
    for entry in os.scandir("/dev"):
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            found.append(entry.name)
    return some(sorted(found))


def executes(folder):
    """Returns whether a file in this directory can be executed. This is tried, although the flag noexec should prevent
    it."""
    path = folder + "/.canary"
    with open(path, "w") as file:
        file.write("#!/bin/true\n")
    os.chmod(path, 0o700)
    try:
        os.waitpid(os.posix_spawn(path, [path], {}), 0)
        return True
    except PermissionError:
        return False
    finally:
        os.unlink(path)


# ---- cgroups ----

V2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")


def group(controller, name):
    folder = "" if V2 else controller + "/"
    return read(f"/sys/fs/cgroup/{folder}{name}").strip()


def memory():
    return group("memory", "memory.max" if V2 else "memory.limit_in_bytes")


def swap():
    """Returns the swap that may be used in addition to memory."""
    if V2:
        return group("memory", "memory.swap.max")
    return str(int(group("memory", "memory.memsw.limit_in_bytes")) - int(memory()))


def socket_memory():
    """Returns the limit of TCP and UDP buffers. Version 2 counts them as memory."""
    if V2:
        return memory()
    try:
        limit = int(group("memory", "memory.kmem.tcp.limit_in_bytes"))
    except FileNotFoundError:  # this kernel has no such limit
        return "unlimited"
    return "unlimited" if limit > 1 << 60 else str(limit)


def cpu():
    """Returns the CPU limit in thousandths."""
    if V2:
        quota, period = group("cpu", "cpu.max").split()
    else:
        quota, period = group("cpu", "cpu.cfs_quota_us"), group("cpu", "cpu.cfs_period_us")
    return "unlimited" if quota in ("max", "-1") else str(int(quota) * 1000 // int(period))


def cpu_weight():
    """Returns the CPU weight. Its default is 100 in version 2, and 1024 in version 1."""
    weight = int(group("cpu", "cpu.weight" if V2 else "cpu.shares"))
    return "lowered" if weight < (100 if V2 else 1024) else str(weight)


def oom_killer():
    return "on" if V2 or "oom_kill_disable 0" in group("memory", "memory.oom_control") else "off"


def cgroup_namespace():
    """Returns the visible paths of our cgroups, with "ID" in place of a container's id."""
    paths = {line.split(":", 2)[2] for line in read("/proc/self/cgroup").splitlines()}
    return some(sorted("/ID" if len(path) == 65 and not path[1:].strip("0123456789abcdef") else path for path in paths))


# ---- the kernel's doors ----

def allowed_sockets():
    """Returns family:type:protocol of each socket that can be opened. Tries the families 0 to 45 with the usual types
    and protocols."""
    found = []
    for family in range(46):
        for kind in (1, 2, 3, 4, 5, 6, 10):
            for protocol in (0, 1, 6, 17, 58, 132, 136, 255, 262):
                fd = LIBC.socket(family, kind, protocol)
                if fd >= 0:
                    os.close(fd)
                    found.append(f"{family}:{kind}:{protocol}")
    return some(found)


NUMBERS = {name: pair[MACHINE != "x86_64"] for name, pair in {
    "clone": (56, 220), "fcntl": (72, 25), "fremovexattr": (199, 16), "fsetxattr": (190, 7), "ioctl": (16, 29),
    "lremovexattr": (198, 15), "lsetxattr": (189, 6), "mknod": (133, None), "mknodat": (259, 33),
    "prlimit64": (302, 261), "removexattr": (197, 14), "sched_setaffinity": (203, 122), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sendfile": (40, 71), "sendmmsg": (307, 269), "sendmsg": (46, 211),
    "sendto": (44, 206), "setpriority": (141, 140), "setsockopt": (54, 208), "setxattr": (188, 5)}.items()}

# The filter's error for some calls, if it is not EPERM. The kernel never returns this error for arguments of -1.
ANSWERS = {NUMBERS["sendfile"]: errno.EINVAL} | {number: errno.EOPNOTSUPP for name, number in NUMBERS.items()
                                                 if name.endswith("xattr")}


def calls_beyond(allowed):
    """Returns the numbers of the system calls that reach the kernel although they are not in the profile. In each of
    them, -1 is a bad descriptor, address and size. The filter returns EPERM; a kernel without the call returns
    ENOSYS."""
    found = []
    for number in range(SYSCALLS_END):
        if number in allowed or number in UNPROBED:
            continue
        ctypes.set_errno(0)
        answer = LIBC.syscall(number, -1, -1, -1, -1, -1, -1)
        if answer != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS, ANSWERS.get(number)):
            found.append(str(number))
    return some(found)


def passes(name, *arguments):
    """Returns whether a call reaches the kernel: the filter returns EPERM. Numbers are passed unchanged, as 64 bits."""
    ctypes.set_errno(0)
    arguments = [ctypes.c_ulong(each & (1 << 64) - 1) if isinstance(each, int) else each for each in arguments]
    return LIBC.syscall(NUMBERS[name], *arguments) != -1 or ctypes.get_errno() != errno.EPERM


# The kernel uses only the lower half of an int, so the upper half must not help to pass the filter.
ABOVE = 1 << 32
NO_FD = -1


def calls_with_arguments():
    """Returns the calls of the profile that reach the kernel with arguments that it does not allow."""
    path = b"/tmp/.canary"
    oob, zero_copy, batch, idle = 0x1, 0x4000000, 3, 5
    tries = {"clone with a user namespace": ("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0),
             "prlimit of init": ("prlimit64", 1, 7, 0, 0),
             "prlimit of init by a longer number": ("prlimit64", ABOVE | 1, 7, 0, 0),
             "priority of init": ("setpriority", os.PRIO_PROCESS, 1, 0),
             "priority of init by a longer number": ("setpriority", os.PRIO_PROCESS, ABOVE | 1, 0),
             "priority of the group": ("setpriority", os.PRIO_PGRP, 0, 0),
             "priority of the user's": ("setpriority", os.PRIO_USER, 0, 0),
             "CPUs of init": ("sched_setaffinity", 1, 0, 0),
             "CPUs of init by a longer number": ("sched_setaffinity", ABOVE | 1, 0, 0),
             "scheduler of init": ("sched_setscheduler", 1, idle, 0),
             "scheduler of init by a longer number": ("sched_setscheduler", ABOVE | 1, batch, 0),
             "scheduler's parameters of init": ("sched_setparam", 1, 0),
             "scheduler's parameters of init by a longer number": ("sched_setparam", ABOVE | 1, 0),
             "mknodat of a device": ("mknodat", -100, path, stat.S_IFCHR | 0o600, 0x103),
             "mknodat of a file": ("mknodat", -100, path, stat.S_IFREG | 0o600, 0),
             "mknod of a file": ("mknod", path, stat.S_IFREG | 0o600, 0),
             "longer socket option": ("setsockopt", NO_FD, 6, ABOVE | 31, 0, 0),
             "longer request": ("ioctl", NO_FD, ABOVE | 0x5412, 0),
             "longer command": ("fcntl", NO_FD, ABOVE | 37, 0)}
    for what, flag in (("urgent data", oob), ("zero copy", zero_copy), ("longer urgent data", ABOVE | oob)):
        tries["sendto of " + what] = ("sendto", NO_FD, 0, 0, flag, 0, 0)
        tries["sendmsg of " + what] = ("sendmsg", NO_FD, 0, flag)
        tries["sendmmsg of " + what] = ("sendmmsg", NO_FD, 0, 0, flag)
    found = []
    own = os.getpid()
    for what, (name, *arguments) in tries.items():
        if NUMBERS[name] is not None and passes(name, *arguments):
            if os.getpid() != own:  # this is the process that clone has made
                os._exit(0)
            found.append(what)
    return some(found)


LEVELS = (0, 1, 2, 6, 17, 33, 41, 50, 58, 132, 136, 255, *range(263, 288))


def socket_options():
    """Returns level:name of each option that reaches the kernel, which then reports a bad descriptor."""
    return some(f"{level}:{name}" for level in LEVELS for name in range(128)
                if passes("setsockopt", NO_FD, level, name, 0, 0))


def requests():
    """Returns the requests of ioctl that reach the kernel. Tries all requests of terminals and sockets, and the forms
    of those of files, pipes, block devices and namespaces."""
    numbers = [*range(0x5400, 0x5500), *range(0x8900, 0x8A00), 0x2, 0x125D, 0x1260, 0xB701, 0xB702, 0xB703]
    numbers += [direction << 30 | size << 16 | group << 8 | number for group in (0x12, 0x54, 0x58, 0x66, 0x94)
                for direction, sizes in ((1, (4, 8, 44)), (2, (4, 8, 44)), (3, (4, 24, 32))) for size in sizes
                for number in range(0x60)]
    return some(f"{number:x}" for number in sorted(numbers) if passes("ioctl", NO_FD, number, 0))


def commands():
    """Returns the commands of fcntl that reach the kernel."""
    return some(str(number) for number in [*range(64), *range(1024, 1056)] if passes("fcntl", NO_FD, number, 0))


def pairs():
    return some(str(family) for family in range(46) if opens_a_pair(family))


def opens_a_pair(family):
    ends = (ctypes.c_int * 2)()
    if LIBC.socketpair(family, socket.SOCK_STREAM, 0, ends) != 0:
        return False
    os.close(ends[0])
    os.close(ends[1])
    return True


def other_entries():
    """Try system calls by the entries of 32-bit programs and of x32. The filter kills a process that uses them."""
    if MACHINE != "x86_64":
        return "none"
    import mmap
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    entry = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    tries = {"int 0x80": entry, "x32": lambda: LIBC.syscall(0x40000000 | 39)}
    return some(name for name, call in tries.items() if returns(call))


def returns(call):
    """Returns whether a call returns a result, in a process of its own."""
    child = os.fork()
    if child == 0:
        os._exit(0 if call() > 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def ipc_settings():
    """Returns the settings of the IPC namespace that differ from those of a new one."""
    usual = {"msgmax": "8192", "msgmnb": "16384", "msgmni": "32000", "shmmni": "4096", "shm_rmid_forced": "0",
             "sem": "32000 1024000000 500 32000"}
    found = []
    for name, value in usual.items():
        path = "/proc/sys/kernel/" + name
        seen = " ".join(read(path).split()) if os.path.exists(path) else None
        if seen != value:
            found.append(f"no-{name}" if seen is None else f"{name}={seen}".replace(" ", ","))
    return some(found)


def interfaces():
    return some(sorted(line.split(":")[0].strip() for line in read("/proc/net/dev").splitlines()[2:]))


def open_files():
    """Returns the number of descriptors that can be open, by opening them."""
    held = []
    try:
        while len(held) < 1 << 17:
            held.append(os.dup(0))
    except OSError:
        pass
    for fd in held:
        os.close(fd)
    return str(max(held) + 1)


def sockets_of_engines():
    paths = ("/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
             "/run/podman/podman.sock", "/run/crio/crio.sock", "/run/mayfly")
    return some(path for path in paths if os.path.exists(path))


def name_servers():
    """Returns the name servers and search domains of resolv.conf. If it names none, the defaults of resolv.conf(5)
    apply."""
    lines = [line.split() for line in read("/etc/resolv.conf").splitlines()] if os.path.exists("/etc/resolv.conf") else []
    servers = [word for line in lines if line and line[0] == "nameserver" for word in line[1:]]
    domains = [word for line in lines if line and line[0] == "search" for word in line[1:] if word != "."]
    return some([*(servers or ["127.0.0.1"]), *domains])


def names():
    """Look up names that a box may know, and others. Returns those that have an address, with the address if it is not
    the box's own."""
    found = []
    for name in ("localhost", socket.gethostname(), "example.org", "host.docker.internal"):
        try:
            addresses = sorted({entry[4][0] for entry in socket.getaddrinfo(name, None)})
        except socket.gaierror:
            continue
        outside = [address for address in addresses if address != "::1" and not address.startswith("127.")]
        found.append(name + "".join("=" + address for address in outside))
    return some(found)


def look():
    allowed = {int(number) for number in sys.stdin.read().split()}
    seen = {}

    def note(name, function, *arguments):
        try:
            seen[name] = function(*arguments)
        except Exception as problem:
            seen[name] = f"{type(problem).__name__}: {problem}"

    note("kernel", lambda: KERNEL)
    note("capabilities", capabilities)
    note("no new privileges", no_new_privileges)
    note("seccomp mode", status, "Seccomp")
    note("user and groups", identity)
    note("namespaces of the host", namespaces_of_the_host)
    note("cgroup path", cgroup_namespace)
    note("processes", processes)
    note("init's secrets", init_secrets)
    note("OOM score of init", lambda: read("/proc/1/oom_score_adj").strip())
    note("OOM score", lambda: read("/proc/self/oom_score_adj").strip())
    note("OOM score at its lowest", lowest_oom_score)
    note("AppArmor", apparmor)
    note("terminal", terminal)
    note("directory", os.getcwd)
    note("environment", lambda: " ".join(f"{k}={v}" for k, v in sorted(os.environ.items())))
    note("host name", lambda: socket.gethostname())
    note("domain name", lambda: uname().domain.decode())
    note("network interfaces", interfaces)
    note("name servers", name_servers)
    note("names", names)
    note("memory", memory)
    note("swap", swap)
    note("memory of sockets", socket_memory)
    note("processes at most", lambda: group("pids", "pids.max"))
    note("CPU", cpu)
    note("CPU weight", cpu_weight)
    note("OOM killer", oom_killer)
    for name in ("nofile", "core", "fsize", "memlock", "msgqueue", "rtprio", "nice"):
        note("limit " + name, rlimit, name)
    note("open files", open_files)
    for path in ("/", "/box", "/tmp", "/dev/shm", "/proc", "/sys"):
        note("mount " + path, mounted, path)
    for path in ("/box", "/tmp", "/dev/shm"):
        note("room in " + path, room, path)
    for path in ("/box", "/tmp"):
        note("files in " + path, files, path)
    note("mount points", mount_points)
    note("writable kernel mounts", writable_kernel_mounts)
    note("writable kernel paths", writable_kernel_paths)
    note("unmasked kernel paths", unmasked_paths)
    writable, bad = walk()
    seen["writable directories"], seen["setuid files and sockets"] = writable, bad
    note("devices", devices)
    note("sockets of engines", sockets_of_engines)
    note("executable files", lambda: some(path for path in ("/box", "/tmp", "/dev/shm") if executes(path)))
    note("IPC settings", ipc_settings)
    note("sockets", allowed_sockets)
    note("socket pairs", pairs)
    note("system calls", calls_beyond, allowed)
    note("arguments of system calls", calls_with_arguments)
    note("socket options", socket_options)
    note("requests of ioctl", requests)
    note("commands of fcntl", commands)
    note("other system call entries", other_entries)
    return seen


print(json.dumps(look()))
