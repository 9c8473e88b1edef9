"""What programs use to try operations that should be refused. Put in place of the import of it."""

import ctypes
import errno
import os
import signal
import sys

# Numbers on x86-64 and arm64; None where there is none.
NUMBERS = {
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280),
    "chroot": (161, 51), "clock_adjtime": (305, 266), "clock_settime": (227, 112),
    "clone": (56, 220), "clone3": (435, 435), "delete_module": (176, 106), "exit": (60, 93),
    "fanotify_init": (300, 262), "finit_module": (313, 273), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105),
    "inotify_init1": (294, 26), "io_setup": (206, 0), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioperm": (173, None),
    "iopl": (172, None), "ioprio_set": (251, 30), "kcmp": (312, 272), "kexec_file_load": (320, 294),
    "kexec_load": (246, 104), "keyctl": (250, 219), "landlock_create_ruleset": (444, 444),
    "memfd_secret": (447, 447), "mlockall": (151, 230), "modify_ldt": (154, None),
    "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pivot_root": (155, 41), "prctl": (157, 167), "prlimit64": (302, 261),
    "process_madvise": (440, 440), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142), "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138), "sched_setattr": (314, 274), "seccomp": (317, 277),
    "semget": (64, 190), "setdomainname": (171, 162), "sethostname": (170, 161),
    "setns": (308, 268), "settimeofday": (164, 170), "shmat": (30, 196), "shmget": (29, 194),
    "splice": (275, 76), "swapoff": (168, 225), "swapon": (167, 224), "syslog": (103, 116),
    "tee": (276, 77), "tgkill": (234, 131), "umount2": (166, 39), "unshare": (272, 97),
    "userfaultfd": (323, 282), "vhangup": (153, 58), "vmsplice": (278, 75),
}
LIBC = ctypes.CDLL(None, use_errno=True)


def checked(name, *args):
    """A function of the C library; its failure is an OSError."""
    result = getattr(LIBC, name)(*args)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def syscall(name, *args):
    number = NUMBERS[name][os.uname().machine != "x86_64"]
    if number is None:
        raise OSError(errno.ENOSYS, name)
    return checked("syscall", ctypes.c_long(number),
                   *(ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args))


def set_limit(pid, number, value):
    syscall("prlimit64", pid, number, (ctypes.c_uint64 * 2)(value, value), 0)


def attempt(name, function, *args):
    """A line of the operation's name and how it ended: the errno's name, or OK."""
    try:
        result, end = function(*args), "OK"
    except OSError as error:
        result, end = None, errno.errorcode.get(error.errno, error.errno)
    print(f"{name}: {end}", flush=True)
    return result


def in_a_child(name, function, *args):
    """The same for an operation that may kill: in a child, whose signal is named."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        attempt(name, function, *args)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        print(f"{name}: {signal.Signals(os.WTERMSIG(status)).name}", flush=True)
