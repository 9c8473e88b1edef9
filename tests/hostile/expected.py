"""What must become of each program in programs/: the one table of the hostile corpus.

A row names a program, how it ends (one of several ways, where the machine decides), and what it prints. A program that
tries operations prints a line for each; the row then says how each one ends: the names of the errors that are right,
with "|" between them, or OK. An operation without a word of its own is refused with EPERM.

Out of scope, and without a program: what can be read from timing (Spectre and its kin).
"""

import re
from dataclasses import dataclass, field

import entries


@dataclass(frozen=True)
class End:
    status: str
    return_code: int | None = None
    signal: str | None = None
    reason: str | None = None


def exits(code, reason=None):
    return End("error" if code else "success", code, None, reason)


SUCCESS = exits(0)
TIMEOUT = End("timeout", None, None, "timeout")
OUT_OF_MEMORY = End("error", -9, "SIGKILL", "memory_limit")
SEGFAULT = End("error", -11, "SIGSEGV")
ABORT = End("error", -6, "SIGABRT")
KILLED = End("error", -9, "SIGKILL")


@dataclass(frozen=True)
class Row:
    program: str
    ends: tuple
    stdout: str | bytes | None = ""  # an expression for all of it, or its exact bytes; None: anything
    stderr: str | None = None  # an expression for some part of it
    message: str | None = None
    operations: dict = field(default_factory=dict)  # name: how it ends
    truncated: tuple | None = ()  # None: stdout, where its reason is that
    sizes: dict = field(default_factory=dict)  # field of the answer: its value
    files: tuple = ({},)  # paths and contents of the output files: one of these
    is_flood: bool = False  # the gateway's memory is measured
    request: dict = field(default_factory=dict)


def row(program, *ends, **more):
    return Row(program, ends, **more)


def times_out(program, **more):
    more["request"] = {"timeout": 1} | more.get("request", {})
    return Row(program, (TIMEOUT,), **more)


def tries(program, operations, *ends, stdout="", **more):
    """A program that prints how its operations end, and `stdout` after them."""
    return Row(program, ends or (SUCCESS,), stdout=stdout, operations=operations, **more)


def refused(names, how="EPERM"):
    return {name.strip(): how for name in names.split(",")}


ABSENT = "ENOENT"
CLOSED = "EACCES|EPERM"  # somebody else's file
FIXED = "EROFS|EACCES|EPERM"  # a read-only mount, or root's file
FIXED_OR_ABSENT = FIXED + "|ENOENT"
NO_ROUTE = "ENETUNREACH"

PROCESSES = [
    times_out("busy_loop"),
    times_out("sleep_forever"),
    times_out("fork_bomb"),
    row("thread_bomb", SUCCESS, stdout=r"(5[5-9]|6[0-2]) can't start new thread\n"),
    row("daemon_left_behind", SUCCESS, stdout="done\n"),
    row("daemon_holds_stdout", SUCCESS, stdout="done\n"),
    row("kill_init_then_itself", KILLED, stdout="after the kill of PID 1\n"),
    row("kill_everything", SUCCESS, stdout=r"\[-9, -9, -9, -9, -9\] 1\n"),
    row("abort", ABORT),
    row("segfault", SEGFAULT),
    row("exit_code_wraps", exits(3)),
    row("exit_message", exits(1), stderr="^a last word\n$"),
    times_out("ignore_all_signals"),
    times_out("stop_itself"),
    row("stop_children", SUCCESS, stdout="done\n"),
    tries("raise_limits", refused("NOFILE, FSIZE, CORE, MEMLOCK, MSGQUEUE, RTPRIO, NICE, CPU of PID 1, "
                                  "NOFILE of PID 1")),
    tries("raise_priority", {"nice -20": "EACCES|EPERM"} | refused(
        "FIFO, round robin, deadline, real-time I/O, nice 19 for PID 1, nice 19 for the user, "
        "one CPU for PID 1, idle class for PID 1")),
    row("ten_thousand_zombies", SUCCESS, stdout="True\n", request={"timeout": 30}),
    row("output_at_exit", SUCCESS, stdout="x{900000}", sizes={"stdout_bytes": 900_000}),
    times_out("exec_forever"),
    times_out("fight_the_clock"),
]

MEMORY_AND_FILES = [
    row("allocate_for_ever", OUT_OF_MEMORY, message="needed more memory than its limit of 268435456"),
    row("huge_bytearray", exits(1), stderr="MemoryError"),
    row("child_out_of_memory", SUCCESS, stdout="9\n", message="killed 1 process of this run"),
    row("touch_slowly", SUCCESS, stdout="done\n"),
    row("recursion", OUT_OF_MEMORY, SEGFAULT),
    row("recursion_in_c", OUT_OF_MEMORY, SEGFAULT),
    row("fill_tmp", SUCCESS, stdout="ENOSPC 64\n"),
    row("fill_with_one_file", SUCCESS, stdout="/tmp ENOSPC 64\n/box ENOSPC 63\n"),
    row("record_locks", OUT_OF_MEMORY, stdout="begun\n", message="too many record locks"),
    row("fill_tmp_with_inodes", SUCCESS, stdout="ENOSPC 1638[23]\n"),
    tries("sparse_file", {"truncate": "EFBIG"}),
    row("fill_shm", SUCCESS, stdout="ENOSPC 64\n"),
    tries("posix_queues", refused("queue 0, queue 1, queue 2, unlink")),
    tries("system_v", refused("shmget, shmat, msgget, semget")),
    row("open_until_full", SUCCESS, stdout=r"EMFILE 102[01]\n"),
    row("large_pipes", SUCCESS, stdout=r"EPERM \d+\n2\n"),
    row("fill_memfd", OUT_OF_MEMORY),
    tries("access_lists", {"names": "OK"} | refused(
        "access list, access list by descriptor, default list, attribute, attribute of a link, removal", "ENOTSUP")),
    # Where nothing limits buffers of sockets, init ends the run.
    row("socket_memory", SUCCESS, OUT_OF_MEMORY, stdout="(less\n)?",
        request={"limits": {"memory_bytes": 64 << 20}, "timeout": 30}),
    row("read_every_file", SUCCESS, stdout="True\n",
        request={"limits": {"memory_bytes": 64 << 20}, "timeout": 30}),
    tries("lock_memory", {"mlockall": "EPERM|ENOMEM", "mlock of 1 MiB": "EPERM|ENOMEM"}),
    row("zip_bomb", OUT_OF_MEMORY, exits(1), stderr="^(|.*MemoryError.*)$"),
    times_out("huge_powers"),
    times_out("catastrophic_regex"),
    row("print_huge_number", exits(1), stderr=r"ValueError: Exceeds the limit \(4300"),
    row("nested_parentheses", exits(1), stderr="(SyntaxError: too many nested|MemoryError)"),
    row("deep_syntax_tree", exits(1), stderr="(RecursionError|MemoryError|SyntaxError)"),
    row("huge_comment", SUCCESS, stdout="42\n"),
]

OUTPUT = [
    # Long enough to reach the cap on any machine.
    times_out("flood_stdout", request={"timeout": 4}, stdout="x{1048576}", truncated=("stdout",), is_flood=True),
    times_out("flood_stderr", request={"timeout": 4}, stderr="^x{1048576}$", truncated=("stderr",), is_flood=True),
    times_out("flood_both", request={"timeout": 4}, stdout="x{1048576}", stderr="^x{1048576}$", truncated=("stdout", "stderr"),
              is_flood=True),
    times_out("flood_without_newline", stdout="ä+", truncated=("stdout",), is_flood=True),
    row("one_byte_writes", SUCCESS, stdout="x{1000000}", sizes={"stdout_bytes": 1_000_000}, is_flood=True,
        request={"timeout": 30}),
    row("close_outputs", SUCCESS),
    row("all_bytes", SUCCESS, stdout=bytes(range(256)) + b"\xed\xa0\x80\0\xc3",
        sizes={"stdout_bytes": 261}, request={"output_encoding": "base64"}),
    row("characters_in_pieces", SUCCESS, stdout="äöü€😀"),
    row("characters_across_the_cap", exits(0, "output_limit"), stdout="€€€", truncated=("stdout",),
        sizes={"stdout_bytes": 18}, request={"limits": {"output_bytes": 10}}),
    row("escapes", SUCCESS, stdout=re.escape(
        "\x1b]0;title\x07\x1b[2J\u2028\u2029</script><!--\r\nHTTP/1.1 200 OK\r\n\r\n"
        '{"level":"error","event":"forged_event"}\n\x7f\ufeff\\"')),
    tries("forged_frames", refused("fd 0 of PID 1, fd 1 of PID 1, fd 2 of PID 1, fd 3 of PID 1", CLOSED),
          stdout="\x01\0\0\0\0\0\0\x10\x18\x01\0{14}\n"),
    row("forged_answer", exits(9), stdout=re.escape(
        '{"id":"0000000000000000","status":"success","return_code":0,"stdout":"forged","reason":null}\n'
        '\nEND 0\n{"exit_code":0}\n')),
    row("output_then_segfault", SEGFAULT, stdout="before\n"),
    times_out("output_then_timeout", request={"timeout": 4}, stdout="x{100000}"),
    tries("misuse_stdin", {"write": "EBADF"}, stdout="'' b'' b''\n"),
    row("ignore_stdin", SUCCESS, stdout="done\n", request={"stdin": "z" * (1 << 20)}),
]

ISOLATION = [
    row("find_leftovers", SUCCESS, stdout=r"/box \['main.py'\]\n/tmp \[\]\n/dev/shm \[\]\n"
        r"/dev/mqueue \[\]\n/var/tmp \[\]\n/run \['lock'\]\n/var/lock \[\]\n/dev/pts \['ptmx'\]\n"),
    tries("abstract_sockets", refused("connect mayfly, connect docker, connect /containerd-shim",
                                      "ECONNREFUSED") | {"bind": "OK"}, stdout="1\n"),
    tries("keyrings", refused("add_key, request_key, join_session, read, get_persistent")),
    tries("locks_and_leases", {"flock": "OK", "read lock": "OK", "lease": "EACCES|EPERM", "notify": "OK"}
          | refused("freeze, lock of an open file, waiting lock of an open file, question for a lock of an open file")),
    tries("user_quotas", refused("inotify, fanotify"), stdout="400\n"),
    tries("socket_options", {"data": "OK"} | refused(
        "tls, espintcp, longer tls, ESP in UDP, L2TP in UDP, filter, filter of a group, BPF program, zero copy, repair, "
        "MD5, IP options, tables, group, group of IPv6, routing header, urgent data, urgent message, pages in flight")),
    tries("socket_families", refused("unix, tcp, udp, tcp6", "OK") | refused(
        "raw, raw6, ping, sctp, sctp sequenced, mptcp, dccp, udplite, smc, ax25, ipx, x25, netrom, key, "
        "netlink route, netlink xfrm, netlink netfilter, netlink generic, netlink audit, netlink diag, packet, "
        "rds, pppox, llc, can, tipc, bluetooth, rxrpc, phonet, ieee802154, caif, alg, nfc, vsock, kcm, "
        "qipcrtr, xdp, vsock pair")),
    tries("connect_out", refused("169.254.169.254:80, 172.17.0.1:80, 10.0.0.1:22, 8.8.8.8:53, datagram, "
                                 "broadcast", NO_ROUTE)
          | refused("127.0.0.1:2375, 127.0.0.1:8000", "ECONNREFUSED|ENETUNREACH")
          | refused("/var/run/docker.sock, /run/docker.sock, /run/containerd/containerd.sock, "
                    "/run/mayfly/wire.sock", ABSENT)),
    row("resolve_names", SUCCESS, stdout="-[23]\n"),
    tries("namespaces", {"clone3": "ENOSYS"} | refused(
        "unshare mount, unshare cgroup, unshare uts, unshare ipc, unshare user, unshare pid, unshare net, "
        "unshare time, clone mount, clone cgroup, clone uts, clone ipc, clone user, clone pid, clone net, "
        "setns mnt, setns net, setns user")),
    tries("mounts", refused("mount, remount, bind, umount2, pivot_root, chroot, open_tree, move_mount, fsopen, "
                            "fsconfig, fsmount, fspick, mount_setattr")),
    tries("kernel_doors", refused(
        "bpf, perf_event_open, userfaultfd, io_uring_setup, io_uring_enter, io_uring_register, io_setup, "
        "kexec_load, kexec_file_load, init_module, finit_module, delete_module, swapon, swapoff, reboot, acct, "
        "quotactl, syslog, memfd_secret, vhangup")),
    tries("other_processes", refused(", ".join(
        f"{what} {who}" for who in ("PID 1", "a child") for what in (
            "attach to", "seize", "read memory of", "write memory of", "compare with", "fd of", "advise"))
        + ", be traced")),
    tries("files_of_init", refused(
        "mem, environ, maps, smaps, auxv, syscall, stack, io, personality, pagemap, exe, cwd, root, ns/pid, fd, "
        "fdinfo, map_files, write mem, write oom_score_adj, write comm, write coredump_filter, "
        "write clear_refs, write timerslack_ns, write attr/current", CLOSED + "|ENOENT")
        | {"write sched": CLOSED + "|ENOENT"}),
    tries("other_architectures", {entry: entries.end_in_a_box(entry) for entry in entries.CODES}),
    tries("file_handles", refused("name_to_handle_at, open_by_handle_at")),
    tries("devices", refused("memory device, disk, null device, whiteout, modify_ldt")
          | refused("iopl, ioperm, modify_ldt", "EPERM|ENOSYS") | {"fifo": "OK"}),
    tries("write_kernel_files", refused(
        "/proc/sysrq-trigger, /proc/sys/kernel/core_pattern, /proc/sys/kernel/modprobe, "
        "/proc/sys/vm/drop_caches, /proc/sys/net/ipv4/ip_forward, /sys/power/state, "
        "/sys/kernel/uevent_helper, /sys/fs/cgroup/release_agent, /sys/fs/cgroup/memory/release_agent, "
        "/sys/fs/cgroup/cgroup.procs, /sys/fs/cgroup/memory/memory.limit_in_bytes, "
        "/sys/fs/cgroup/memory.max, /sys/fs/cgroup/pids/pids.max, /sys/fs/cgroup/pids.max, "
        "/proc/irq/0/smp_affinity, /proc/mtrr, /dev/kmsg, /dev/mem, /proc/kmem, "
        "mkdir /sys/fs/cgroup/group, mkdir /sys/fs/cgroup/memory/group, mkdir /proc/group, mkdir /sys/group, "
        "mkdir /dev/group", FIXED_OR_ABSENT)),
    row("read_kernel_files", SUCCESS, stdout=r"((/\S+ 0 )?/\S+: (OK|ENOENT|EACCES|EPERM)\n)*kernel addresses \n"),
    row("look_for_secrets", SUCCESS, stdout=r"env \['HOME', ('HOSTNAME', )?'LANG', 'LOGNAME', 'PATH', 'USER'\]\nhostname box\n"
        r"cgroup \['/'\]\nsources \[.*\]\n"
        r"command /mayfly-init --idle-ms \d+ -- /usr/lib/mayfly/python-template \nhost \[[^]]*\]\n"),
    row("privileged_programs", SUCCESS, stdout=r"\[\]\nNoNewPrivs:\t1\n\n"),
    tries("write_the_image", refused(
        "/proc/self/exe, /bin/python3, os.py, /mayfly-init, /etc/passwd, "
        "/lib/mayfly/python-template, /file, /usr/file, /etc/file, /var/tmp/file, /run/file, /dev/file, "
        "/home/file, unlink, chmod, run from /tmp", FIXED + "|ETXTBSY")),
    tries("splice_into_a_file", refused("splice, vmsplice, tee, AF_ALG, splice back")
          | {"sendfile": "EINVAL", "write": "EBADF"}, stdout="True\n"),
    tries("set_clocks", refused("clock_settime, settimeofday, adjtimex, clock_adjtime")
          | {"time namespace": CLOSED}),
    tries("terminals", {"/dev/tty": "ENXIO"} | refused("/dev/console, /dev/tty1", ABSENT)
          | refused("type into 0, type into 1, type into 2, type for others, line discipline, console")
          | {"size": "OK"},
          stdout=r"\[False, False, False\]\n"),
    tries("names_and_personality", refused(
        "sethostname, setdomainname, no random addresses, readable is executable, keep capabilities, ambient, "
        "secure bits, memory map, new privileges, dumpable 2", "EPERM|EINVAL|OK")
        | refused("sethostname, setdomainname, no random addresses, readable is executable")
        | refused("dumpable, subreaper, timer slack", "OK")),
    tries("sandbox_itself", refused("landlock, seccomp", "EPERM|EFAULT|OK|EINVAL|EOPNOTSUPP|ENOSYS|ENOMSG")
          | {"strict mode": "SIGKILL|OK"}, stdout="done\n"),
    row("trap_names", SUCCESS, stdout="done\n"),
]

INIT = [
    tries("init_signals", {"group of PID 1": "OK|ESRCH"}, stdout="1\n"),
    times_out("init_signal_flood"),
    row("init_signal_flood_and_exit", exits(7), stdout="done\n"),
    row("farewell_alone", exits(5), stdout="before\n"),
    # How much it has written when it is stopped is up to the machine.
    row("farewell_and_flood", exits(5), exits(5, "output_limit"), stdout="\0*", truncated=None),
    row("farewell_with_a_thread", exits(6), stdout="still here\n"),
    row("farewell_with_a_child", exits(6), stdout="still here\n"),
    row("farewell_then_forks", exits(5), TIMEOUT, request={"timeout": 1}),
    row("farewell_of_a_child", exits(6)),
    # It may have changed the file before init had heard it; what comes back is whole in either case.
    row("farewell_then_files", exits(5), files=({"kept": "kept"}, {"kept": "changed"}), request={"outputs": ["kept"]}),
    row("output_files_that_change", SUCCESS, stdout="done\n", request={"outputs": ["**/passwd", "kept"]},
        files=({"kept": "kept"}, {"kept": "kept", "folder/passwd": "own"}, {"kept": "kept", "aside/passwd": "own"})),
    row("output_files_that_lead_out", SUCCESS, stdout="done\n", request={"outputs": ["**", "etc/passwd", "up/*"]},
        files=({"kept": "kept", "main.py": None},)),
    tries("descriptor_games", {"close 3": "EBADF"}, exits(4), stdout="by 3\nby another\n"),
    tries("pipe_games", refused("size of 1, size of 2, other end of 1, other end of 2", "OK") |
          {"size of 0": "EBADF", "other end of 0": "EACCES"}, stdout="y{200704}"),
    row("steal_own_output", exits(3), stdout="x*"),
    row("daemons_for_ever", SUCCESS, stdout="done\n"),
    tries("huge_argument_lists", refused("longer, one too long", "E2BIG"), stdout="0\n"),
    tries("subreaper", {"subreaper": "OK"}, stdout="done\n"),
    # A child that is interrupted before init has killed it may say so.
    row("death_signals", SUCCESS, stdout="done\n", stderr=""),
    times_out("vfork_that_hangs"),
    times_out("main_thread_exits"),
    row("exec_from_a_thread", exits(8), stdout="other\n"),
    row("exit_under_a_fork_bomb", exits(2), exits(2, "pids_limit"), stdout="done\n"),
    times_out("starve_init"),
    row("low_oom_score", OUT_OF_MEMORY, stdout="1000\n"),
]

ROWS = PROCESSES + MEMORY_AND_FILES + OUTPUT + ISOLATION + INIT
