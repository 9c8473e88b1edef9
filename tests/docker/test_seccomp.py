"""The seccomp profile: for every call that it allows, a program here needs the call, and the call works; all other
calls fail."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from box import Container, create_body
from gateway import BINARY, SLOW, SLOW_ENV, Gateway
import entries
import seccomp_values
from realengine import RUNTIMES, Engine
from seccomp_programs import PRELUDE, PROGRAMS

PROFILE = Path(__file__).parent.parent / "unit/golden/seccomp-x86_64.json"

# Runs each program in a process of its own and prints what came of it: "" when it worked.
DRIVER = r'''
import json

def refuse(number):
    """From here on this one call is answered with EPERM, and clone3 with ENOSYS as under the profile."""
    def if_equal(value, answer):
        return struct.pack("HBBI", 0x15, 0, 1, value) + struct.pack("HBBI", 0x06, 0, 0, 0x50000 | answer)
    code = (struct.pack("HBBI", 0x20, 0, 0, 0) + if_equal(CALLS["clone3"], errno.ENOSYS)
            + if_equal(number, errno.EPERM) + struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))
    text = ctypes.create_string_buffer(code)
    c("prctl", 38, 1, 0, 0, 0)
    c("prctl", 22, 2, struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text)), 0, 0)


def try_out(program, refused):
    compiled = compile(program, "program", "exec")
    report, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        try:
            if refused is not None:
                refuse(refused)
            exec(compiled, globals())
            os._exit(0)
        except BaseException as problem:
            with contextlib.suppress(OSError):
                os.write(sink, f"{type(problem).__name__}: {problem}".encode()[:500])
        os._exit(1)
    os.close(sink)
    deadline = time.monotonic() + (5 if ONE_REFUSED else 20)  # a refusal may well make it hang
    while not (ended := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < deadline:
        time.sleep(0.002)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    if not ended[0]:
        os.waitpid(pid, 0)
        return "it hangs"
    said = b""
    if select.select([report], [], [], 0)[0]:
        said = os.read(report, 1000)
    os.close(report)
    run_status = os.waitstatus_to_exitcode(ended[1])
    return (said.decode() or f"ended with {run_status}") if run_status else ""


def tidy():
    for name in os.listdir("/tmp"):
        path = "/tmp/" + name
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


answer = {}
for name, program in PROGRAMS.items():
    answer[name] = try_out(program, CALLS[name] if ONE_REFUSED else None)
    tidy()
print("\n" + json.dumps(answer), flush=True)
os._exit(0)
'''


@pytest.fixture(scope="session")
def calls():
    """The numbers of the system calls by name, as the C compiler knows them."""
    done = subprocess.run(["cc", "-E", "-dM", "-"], input=b"#include <sys/syscall.h>\n", check=True,
                          capture_output=True)
    words = [line.split() for line in done.stdout.decode().splitlines()]
    return {word[1].removeprefix("__NR_"): int(word[2]) for word in words
            if len(word) == 3 and word[1].startswith("__NR_") and word[2].isdigit()}


def oci_runtimes():
    """Those of the engine, of the two that are used: an engine of deploy/engine.sh has both, Debian's service runc alone."""
    engine = Engine()
    told = engine.run("info", "--format", "{{json .Runtimes}}").stdout
    known = [name for name in ("crun", "runc") if name in json.loads(told or "{}")]
    return ["crun", "runc"] if engine.socket.endswith("/engine/run/docker.sock") else known or ["runc"]


@pytest.fixture(scope="module", params=oci_runtimes())
def gateway_on(engine, request):
    """A gateway whose boxes are made by this OCI runtime."""
    with Gateway(engine.host, MAYFLY_OCI_RUNTIME=request.param, MAYFLY_WARM=1) as running:
        yield running


def driver(calls, one_refused, programs=PROGRAMS):
    return "\n".join([f"CALLS = {calls!r}", f"PROGRAMS = {programs!r}", f"ONE_REFUSED = {one_refused}",
                      PRELUDE, seccomp_values.PRELUDE, DRIVER])


def rules_of(name):
    """The profile's rules for a call: a dictionary of argument to (mask, value) for each. In a rule that names an argument
    twice, each condition is enough."""
    found = []
    for rule in json.loads(PROFILE.read_text(encoding="ascii"))["syscalls"]:
        if rule["action"] != "SCMP_ACT_ALLOW" or rule["names"] != [name]:
            continue
        conditions = [{each["index"]: (each["value"], each["valueTwo"]) if "valueTwo" in each else (None, each["value"])}
                      for each in rule["args"]]
        merged = {index: pair for each in conditions for index, pair in each.items()}
        found += conditions if len(merged) < len(conditions) else [merged]
    return found


def test_no_name_without_a_program_and_none_too_many():
    rules = json.loads(PROFILE.read_text(encoding="ascii"))["syscalls"]
    names = {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert names == set(PROGRAMS)
    assert len(names) <= 220


def test_every_program_works(gateway_on, calls):
    _, answer = gateway_on.execute(driver(calls, False), timeout=30)
    assert answer["status"] == "success", answer
    failed = {name: text for name, text in json.loads(answer["stdout"].splitlines()[-1]).items() if text}
    assert not failed


def values_of(mask, value):
    """All values of an int that (v & mask) == value lets through, one for each choice of the bits that it ignores."""
    values = [value]
    for bit in (1 << place for place in range(32)):
        if not mask & bit:
            values += [each | bit for each in values]
    return values


def test_no_value_without_a_program():
    options = [(rule[1][1], name) for rule in rules_of("setsockopt") for name in values_of(*rule[2])]
    assert sorted(options) == sorted(seccomp_values.SOCKET_OPTIONS)
    assert all(rule[1][0] is None for rule in rules_of("setsockopt"))
    for call, programs in (("ioctl", seccomp_values.REQUESTS), ("fcntl", seccomp_values.COMMANDS)):
        assert sorted(value for rule in rules_of(call) for value in values_of(*rule[1])) == sorted(programs)


@pytest.mark.parametrize("programs", [seccomp_values.SOCKET_OPTIONS, seccomp_values.REQUESTS, seccomp_values.COMMANDS],
                         ids=["socket options", "requests", "commands"])
def test_every_value_works(gateway_on, calls, programs):
    programs = {str(name): program for name, program in programs.items()}
    _, answer = gateway_on.execute(driver(calls, False, programs), timeout=30)
    assert answer["status"] == "success", answer
    failed = {name: text for name, text in json.loads(answer["stdout"].splitlines()[-1]).items() if text}
    assert not failed


def test_every_program_needs_its_call(engine, calls):
    """The programs prove what they claim: without a profile, but with that one call refused, each fails."""
    body = create_body(["/usr/bin/python3", "-I", "-c", "import sys; exec(sys.stdin.read())"], [])
    body["HostConfig"]["SecurityOpt"].append("seccomp=unconfined")
    text = b""
    with Container(engine.socket, body) as container:
        container.send(driver(calls, True).encode())
        container.close_stdin()
        while data := container.read(time.monotonic() + 120):
            text += data
    assert text, bytes(container.stderr)
    answer = json.loads(text.splitlines()[-1])
    assert set(answer) == set(PROGRAMS)
    assert not [name for name, failure in answer.items() if not failure]


# ---- what is denied ----

DENIED = {
    "io_uring_setup": "EPERM", "io_uring_enter": "EPERM", "io_uring_register": "EPERM", "io_setup": "EPERM",
    "io_submit": "EPERM", "ptrace": "EPERM", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM",
    "process_madvise": "EPERM", "kcmp": "EPERM", "pidfd_getfd": "EPERM", "splice": "EPERM", "tee": "EPERM",
    "vmsplice": "EPERM", "sync_file_range": "EPERM", "remap_file_pages": "EPERM", "shmget": "EPERM",
    "shmat": "EPERM", "shmctl": "EPERM", "msgget": "EPERM", "msgsnd": "EPERM", "semget": "EPERM",
    "semop": "EPERM", "mq_open": "EPERM", "mq_unlink": "EPERM", "add_key": "EPERM", "request_key": "EPERM",
    "keyctl": "EPERM", "bpf": "EPERM", "perf_event_open": "EPERM", "userfaultfd": "EPERM", "mount": "EPERM",
    "umount2": "EPERM", "pivot_root": "EPERM", "fsopen": "EPERM", "fsmount": "EPERM", "fsconfig": "EPERM",
    "move_mount": "EPERM", "open_tree": "EPERM", "mount_setattr": "EPERM", "personality": "EPERM",
    "name_to_handle_at": "EPERM", "open_by_handle_at": "EPERM", "inotify_init": "EPERM",
    "inotify_init1": "EPERM", "inotify_add_watch": "EPERM", "fanotify_init": "EPERM", "fanotify_mark": "EPERM",
    "sched_setattr": "EPERM", "ioprio_set": "EPERM", "adjtimex": "EPERM", "clock_adjtime": "EPERM",
    "clock_settime": "EPERM", "settimeofday": "EPERM", "memfd_secret": "EPERM", "unshare": "EPERM",
    "setns": "EPERM", "chroot": "EPERM", "modify_ldt": "EPERM", "seccomp": "EPERM",
    "landlock_create_ruleset": "EPERM", "init_module": "EPERM", "kexec_load": "EPERM", "reboot": "EPERM",
    "swapon": "EPERM", "acct": "EPERM", "syslog": "EPERM", "iopl": "EPERM", "ioperm": "EPERM",
    "quotactl": "EPERM", "lookup_dcookie": "EPERM", "uselib": "EPERM", "ustat": "EPERM", "sysfs": "EPERM",
    "vhangup": "EPERM", "sethostname": "EPERM", "setdomainname": "EPERM", "setgroups": "EPERM",
    "capset": "EPERM", "mbind": "EPERM", "move_pages": "EPERM", "migrate_pages": "EPERM",
    "sync": "EPERM", "syncfs": "EPERM", "pkey_alloc": "EPERM",
    "clone3": "ENOSYS", "openat2": "ENOSYS", "epoll_pwait2": "ENOSYS", "sendfile": "EINVAL",
    "setxattr": "ENOTSUP", "lsetxattr": "ENOTSUP", "fsetxattr": "ENOTSUP", "removexattr": "ENOTSUP",
    "lremovexattr": "ENOTSUP", "fremovexattr": "ENOTSUP",
}


def test_what_is_denied_is_denied(gateway_on, calls):
    code = (f"import ctypes, errno, json\nlibc = ctypes.CDLL(None, use_errno=True)\nanswer = {{}}\n"
            f"for name, number in { {name: calls[name] for name in DENIED}!r}.items():\n"
            "    done = libc.syscall(number, 0, 0, 0, 0, 0, 0)\n"
            "    answer[name] = 'it works' if done != -1 else errno.errorcode[ctypes.get_errno()]\n"
            "print(json.dumps(answer))\n")
    _, answer = gateway_on.execute(code)
    assert json.loads(answer["stdout"]) == DENIED, answer["stderr"]


def test_arguments_that_are_denied(gateway_on, calls):
    code = PRELUDE + f"CALLS = {calls!r}\n" + r'''
def denied(number, *arguments):
    ctypes.set_errno(0)
    arguments = [ctypes.c_ulong(each & (1 << 64) - 1) if isinstance(each, int) else each for each in arguments]
    return libc.syscall(CALLS[number], *arguments) == -1 and ctypes.get_errno() == errno.EPERM

ABOVE = 1 << 32  # the kernel takes the lower half of an int
INIT = os.getppid()
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    assert denied("clone", flag | signal.SIGCHLD, 0, 0, 0, 0), hex(flag)
for above in (0, ABOVE, ABOVE << 21):
    assert denied("prlimit64", above | INIT, 7, 0, 0)
    assert denied("setpriority", os.PRIO_PROCESS, above | INIT, 0)
    assert denied("sched_setaffinity", above | INIT, 8, ctypes.byref(ctypes.c_ulong(1)))
    assert denied("sched_setscheduler", above | INIT, os.SCHED_IDLE, ctypes.byref(ctypes.c_int(0)))
    assert denied("sched_setparam", above | INIT, ctypes.byref(ctypes.c_int(0)))
    for option in ((6, 31), (17, 100), (1, 26), (1, 51), (1, 52), (1, 60), (0, 35), (41, 20), (0, 64), (6, 14)):
        assert denied("setsockopt", -1, above | option[0], option[1], 0, 0), option
        assert denied("setsockopt", -1, option[0], above | option[1], 0, 0), option
    for request in (0x5412, 0x5423, 0x541C, 0x541D, 0x89F0, 0x400454CA):
        assert denied("ioctl", -1, above | request, 0), hex(request)
    for command in (36, 37, 38, 17, 1027, 1029, 1036):
        assert denied("fcntl", -1, above | command, 0), command
    for flag in (1, 0x4000000):
        assert denied("sendto", -1, 0, 0, above | flag, 0, 0)
        assert denied("sendmsg", -1, 0, above | flag)
        assert denied("sendmmsg", -1, 0, 0, above | flag)
assert denied("setpriority", os.PRIO_PGRP, 0, 0)
assert denied("setpriority", os.PRIO_USER, 0, 0)
assert denied("mknodat", -100, b"/tmp/x", 0o020600, 0x103)
assert denied("mknodat", -100, b"/tmp/x", 0o100600, 0)
for family in range(46):
    for kind in (1, 2, 3, 4, 5, 10):
        for flags in (0, socket.SOCK_CLOEXEC, socket.SOCK_NONBLOCK):
            for protocol in (0, 1, 2, 6, 17, 58, 132, 136, 255, 262):
                good = family == 1 or family in (2, 10) and (kind, protocol) in ((1, 0), (1, 6), (2, 0), (2, 17))
                assert good or denied("socket", family, kind | flags, protocol), (family, kind, protocol)
for family in range(46):
    assert family == 1 or denied("socketpair", family, 1, 0, ctypes.create_string_buffer(8)), family
print("as it should be")
'''
    _, answer = gateway_on.execute(code, timeout=20)
    assert answer["stdout"] == "as it should be\n", answer


def test_oneself_and_others_of_the_box(gateway_on):
    """As without a profile: one's own priority, CPUs and limits, by 0, by number and by thread, and a child's."""
    code = r'''
import os, resource, threading, time
child = os.fork()
if child == 0:
    time.sleep(30)
for who in (0, os.getpid(), threading.get_native_id(), child):
    os.sched_setaffinity(who, {min(os.sched_getaffinity(0))})
    assert len(os.sched_getaffinity(who)) == 1
    os.setpriority(os.PRIO_PROCESS, who, 5)
    assert os.getpriority(os.PRIO_PROCESS, who) == 5
    os.sched_setscheduler(who, os.SCHED_BATCH, os.sched_param(0))
    os.sched_setparam(who, os.sched_param(0))
    resource.prlimit(who, resource.RLIMIT_NOFILE, (500, 500))
assert os.nice(1) == 6
os.kill(child, 9)
print("as it should be")
'''
    _, answer = gateway_on.execute(code, timeout=20)
    assert answer["stdout"] == "as it should be\n", answer


@pytest.mark.parametrize("entry", entries.CODES)
def test_other_entries_kill(gateway_on, entry):
    _, answer = gateway_on.execute(entries.PROGRAM.replace("sys.argv[1]", repr(entries.CODES[entry])) + "print('back')")
    assert answer["signal"] == entries.end_in_a_box(entry) and answer["stdout"] == "", answer


def test_the_self_test_passes_on_both_runtimes(gateway_on, engine):
    done = subprocess.run([BINARY, "check", "--json"], capture_output=True, check=False, timeout=60 * SLOW,
                          env=SLOW_ENV | {"DOCKER_HOST": engine.host,
                                            "MAYFLY_RUNTIMES": RUNTIMES,
                               "MAYFLY_OCI_RUNTIME": gateway_on.settings["MAYFLY_OCI_RUNTIME"]})
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["ok"], [c for c in answer["runtimes"][0]["checks"] if not c["ok"]]
