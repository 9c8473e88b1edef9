"""The self-test sees the sandbox, not the JSON: each field of it weakened, one at a time, and each time it must go red.

A proxy between `mayfly check` and the real engine changes what a box is created with. Where a weakening keeps the box
from starting, that is the check that fails: "box". A weakening that no check sees is a bug of the canary.
"""

import ast
import json
import os
import subprocess

import pytest

import entries
from gateway import BINARY, ROOT, SLOW, SLOW_ENV
from realengine import RUNTIMES
from weakener import Weakener

MIB = 1 << 20
CANARY = ROOT / "gateway/broker/selftest/canary.py"


def host(**fields):
    """Set fields of HostConfig; None removes one."""
    def weaken(document):
        for name, value in fields.items():
            document["HostConfig"][name] = value
            if value is None:
                del document["HostConfig"][name]
    return weaken


def top(**fields):
    def weaken(document):
        document.update(fields)
    return weaken


def networked(document):
    """As an engine that does not know the field has it."""
    del document["NetworkDisabled"]


def user(template, owner=None):
    """Another user; `owner` of the folders that it writes to, or no box would come so far as to look."""
    def weaken(document):
        uid = document["User"].partition(":")[0]
        document["User"] = template.format(uid=uid)
        mounts = document["HostConfig"]["Tmpfs"]
        for path in mounts:
            mounts[path] = mounts[path].replace(f"uid={uid}", f"uid={owner or uid}")
    return weaken


def security(change):
    """Change the list of security options; the second is the profile."""
    def weaken(document):
        change(document["HostConfig"]["SecurityOpt"])
    return weaken


def profile(change):
    """Change the seccomp profile."""
    def weaken(document):
        options = document["HostConfig"]["SecurityOpt"]
        value = json.loads(options[1].removeprefix("seccomp="))
        change(value)
        options[1] = "seccomp=" + json.dumps(value)
    return weaken


def allow(*names, args=()):
    return profile(lambda value: value["syscalls"].append(
        {"names": list(names), "action": "SCMP_ACT_ALLOW", "args": list(args)}))


def unrefuse(name):
    """Allow a call that the profile refuses with an answer of its own."""
    def change(value):
        rules = [rule for rule in value["syscalls"] if name in rule["names"]]
        assert rules and all(rule["action"] == "SCMP_ACT_ERRNO" for rule in rules)
        for rule in rules:
            rule["names"].remove(name)
        value["syscalls"] = [rule for rule in value["syscalls"] if rule["names"]]
        value["syscalls"][0]["names"].append(name)
    return profile(change)


def tmpfs(path, *changes):
    """Replace texts in the options of a tmpfs; without any, take it away."""
    def weaken(document):
        mounts = document["HostConfig"]["Tmpfs"]
        if not changes:
            del mounts[path]
        for old, new in changes:
            assert old in mounts[path], mounts
            mounts[path] = mounts[path].replace(old, new)
    return weaken


def ulimit(name, value=None):
    """Raise a limit; without a value, leave it to the engine."""
    def weaken(document):
        limits = document["HostConfig"]["Ulimits"]
        (limit,) = [each for each in limits if each["Name"] == name]
        if value is None:
            limits.remove(limit)
        else:
            limit.update(Soft=value, Hard=value)
    return weaken


def without(field, *items):
    """Take items off a list of HostConfig."""
    def weaken(document):
        document["HostConfig"][field] = [each for each in document["HostConfig"][field] if each not in items]
    return weaken


def several(*weakenings):
    def weaken(document):
        for each in weakenings:
            each(document)
    return weaken


EQ, MASKED_EQ = "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"
LOWER = 0xFFFFFFFF

# What is weakened: (how, the checks of which one must fail).
WEAKENINGS = {
    # ---- who ----
    "user root": (user("0:0", "0"), {"user and groups"}),
    "no user": (user("", "65534"), {"user and groups"}),
    "group root": (user("{uid}:0"), {"user and groups"}),
    "another uid": (user("1000:1000", "1000"), {"user and groups"}),
    "a group more": (host(GroupAdd=["0"]), {"user and groups"}),
    "no CapDrop": (host(CapDrop=None), {"capabilities"}),
    "CapDrop misspelt": (several(host(CapDrop=None), host(CapDropp=["ALL"])), {"capabilities"}),
    "all but one dropped": (host(CapDrop=["ALL"], CapAdd=["NET_RAW"]), {"capabilities"}),
    "CapAdd SYS_ADMIN": (host(CapAdd=["SYS_ADMIN"]), {"capabilities"}),
    "privileged": (host(Privileged=True), {"capabilities", "box"}),
    "new privileges": (security(lambda options: options.pop(0)), {"no new privileges", "box"}),
    # ---- the profile ----
    "the engine's profile": (security(lambda options: options.pop(1)), {"system calls"}),
    "no profile": (security(lambda options: options.__setitem__(1, "seccomp=unconfined")), {"seccomp mode"}),
    "default action allow": (profile(lambda value: value.update(defaultAction="SCMP_ACT_ALLOW")), {"system calls"}),
    "default action log": (profile(lambda value: value.update(defaultAction="SCMP_ACT_LOG")), {"system calls"}),
    **{f"{name} allowed": (allow(name), {"system calls"}) for name in (
        "io_uring_setup", "ptrace", "splice", "inotify_init1", "keyctl", "userfaultfd", "shmget", "unshare",
        "memfd_secret", "sync")},
    **{f"{name} allowed": (unrefuse(name), {"system calls"}) for name in (
        "clone3", "sendfile", "setxattr", "lsetxattr", "fsetxattr", "removexattr")},
    "mknod of anything": (allow("mknod", "mknodat"), {"arguments of system calls"}),
    **{f"{name} with any arguments": (allow(name), {"arguments of system calls"}) for name in (
        "clone", "prlimit64", "setpriority", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sendto",
        "sendmsg", "sendmmsg")},
    "priority of init": (allow("setpriority", args=[{"index": 0, "value": 0, "op": EQ},
                                                    {"index": 1, "value": 1, "op": EQ}]),
                         {"arguments of system calls"}),
    "any socket option": (allow("setsockopt"), {"socket options"}),
    **{f"socket option {level} {name}": (allow("setsockopt", args=[
        {"index": 1, "value": level, "op": EQ}, {"index": 2, "value": name, "op": EQ}]), {"socket options"})
       for level, name in ((1, 26), (1, 60), (6, 31), (17, 100), (41, 20), (263, 5))},
    "any request of ioctl": (allow("ioctl"), {"requests of ioctl"}),
    **{f"request {name}": (allow("ioctl", args=[{"index": 1, "value": LOWER, "valueTwo": number, "op": MASKED_EQ}]),
                           {"requests of ioctl"})
       for name, number in (("TIOCSTI", 0x5412), ("TIOCSETD", 0x5423), ("SIOCETHTOOL", 0x8946))},
    "any command of fcntl": (allow("fcntl"), {"commands of fcntl"}),
    "F_OFD_SETLK": (allow("fcntl", args=[{"index": 1, "value": LOWER, "valueTwo": 37, "op": MASKED_EQ}]),
                    {"commands of fcntl"}),
    "netlink sockets": (allow("socket", args=[{"index": 0, "value": 16, "op": EQ}]), {"sockets"}),
    "vsock sockets": (allow("socket", args=[{"index": 0, "value": 40, "op": EQ}]), {"sockets"}),
    "any inet protocol": (allow("socket", args=[{"index": 0, "value": 2, "op": EQ}]), {"sockets"}),
    # ---- files ----
    "writable root": (host(ReadonlyRootfs=False), {"mount /"}),
    "no /box": (tmpfs("/box"), {"mount /box", "box"}),
    "no /tmp": (tmpfs("/tmp"), {"mount /tmp"}),
    "/box of any size": (tmpfs("/box", ("size=67108864,", "")), {"room in /box"}),
    "/tmp larger": (tmpfs("/tmp", ("size=67108864", "size=134217728")), {"room in /tmp"}),
    "/tmp with any number of files": (tmpfs("/tmp", ("nr_inodes=16384,", "")), {"files in /tmp"}),
    "/box with exec": (tmpfs("/box", ("noexec", "exec")), {"mount /box"}),
    "/tmp with suid": (tmpfs("/tmp", ("nosuid", "suid")), {"mount /tmp"}),
    "/tmp with devices": (tmpfs("/tmp", ("nodev", "dev")), {"mount /tmp"}),
    "a third tmpfs": (lambda document: document["HostConfig"]["Tmpfs"].update({"/srv": "mode=1777"}), {"mount points"}),
    "a folder of the host": (host(Binds=["/etc:/mnt:ro"]), {"mount points"}),
    "a folder of the host on /tmp": (several(tmpfs("/tmp"), host(Binds=["/tmp:/tmp"])), {"mount /tmp"}),
    "a mount of the host": (host(Mounts=[{"Type": "bind", "Source": "/etc", "Target": "/mnt", "ReadOnly": True}]),
                            {"mount points"}),
    "a volume": (top(Volumes={"/data": {}}), {"mount points"}),
    "a folder of the host in /proc": (host(Binds=["/tmp:/proc/acpi"], MaskedPaths=["/proc/kcore"]),
                                      {"writable kernel mounts", "unmasked kernel paths", "box"}),
    "a device": (host(Devices=[{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg",
                                "CgroupPermissions": "rwm"}]), {"devices"}),
    "a larger /dev/shm": (host(ShmSize=512 * MIB), {"room in /dev/shm"}),
    "nothing masked": (host(MaskedPaths=[]), {"unmasked kernel paths"}),
    # Files and folders that every kernel has; test_every_masked_path_is_looked_at is for the rest.
    **{f"{path} not masked": (without("MaskedPaths", path), {"unmasked kernel paths"}) for path in (
        "/proc/keys", "/proc/key-users", "/proc/cmdline", "/proc/vmstat", "/proc/fs", "/proc/irq",
        "/proc/sys/fs/file-nr", "/proc/sys/kernel/random/boot_id", "/sys/devices/virtual/bdi", "/sys/kernel",
        "/sys/module")},
    "nothing read-only": (host(ReadonlyPaths=[]), {"writable kernel paths"}),
    "/proc/sys not read-only": (without("ReadonlyPaths", "/proc/sys"), {"writable kernel paths"}),
    # ---- resources ----
    "no memory limit": (host(Memory=0, MemorySwap=0), {"memory"}),
    "more memory": (host(Memory=512 * MIB, MemorySwap=512 * MIB), {"memory"}),
    "swap": (host(MemorySwap=512 * MIB), {"swap"}),
    "any swap": (host(MemorySwap=-1), {"swap"}),
    "no CPU limit": (host(NanoCpus=0), {"CPU"}),
    "more CPU": (host(NanoCpus=2 * 10**9), {"CPU"}),
    "no CPU weight": (host(CpuShares=0), {"CPU weight"}),
    "pids 0": (host(PidsLimit=0), {"processes at most"}),
    "pids -1": (host(PidsLimit=-1), {"processes at most"}),
    "more pids": (host(PidsLimit=4096), {"processes at most"}),
    "no OOM killer": (host(OomKillDisable=True), {"OOM killer", "box"}),
    "OOM score 0": (host(OomScoreAdj=0), {"OOM score of init"}),
    "OOM score -500": (host(OomScoreAdj=-500), {"OOM score of init", "box"}),
    "no ulimits": (host(Ulimits=[]), {"limit core", "limit nofile"}),
    **{f"ulimit {name} gone": (ulimit(name), {"limit " + name}) for name in ("nofile", "core", "fsize", "msgqueue")},
    **{f"ulimit {name} raised": (ulimit(name, value), {"limit " + name, "box"}) for name, value in (
        ("nofile", 4096), ("core", 1), ("fsize", 1 << 40), ("memlock", 1 << 30), ("msgqueue", 819200), ("rtprio", 10),
        ("nice", 20))},
    # ---- namespaces and surroundings ----
    "network of the host": (several(networked, host(NetworkMode="host")), {"network interfaces", "box"}),
    "the host's name servers": (several(networked, host(Dns=None)), {"name servers"}),
    "a name of the host's": (several(networked, host(ExtraHosts=["example.org:192.0.2.1"])), {"names"}),
    "no name at all": (host(Binds=["/dev/null:/etc/nsswitch.conf:ro"]), {"names"}),
    "IPC of the host": (host(IpcMode="host"), {"namespaces of the host", "room in /dev/shm"}),
    "PIDs of the host": (host(PidMode="host"), {"box"}),
    "UTS of the host": (several(host(UTSMode="host"), top(Hostname="")), {"namespaces of the host", "host name"}),
    "cgroups of the host": (host(CgroupnsMode="host"), {"cgroup path", "namespaces of the host"}),
    "another host name": (top(Hostname="db-1"), {"host name"}),
    "a domain name": (top(Domainname="example.org"), {"domain name"}),
    "a secret in the environment": (lambda document: document["Env"].append("TOKEN=secret"), {"environment"}),
    "a sysctl": (host(Sysctls={"kernel.shm_rmid_forced": "1"}), {"IPC settings"}),
    "another directory": (top(WorkingDir="/tmp"), {"directory"}),
    "the engine's init": (host(Init=True), {"box"}),
    "a terminal": (top(Tty=True), {"terminal", "box"}),
}


def check(engine, path, weaken, replace=None):
    """What `mayfly check` reports through the proxy: the checks that failed, and the exit code. It leaves nothing."""
    with Weakener(path, engine.socket, weaken, replace) as proxy:
        done = subprocess.run(
            [BINARY, "check", "--json"], capture_output=True, timeout=120 * SLOW, check=False,
            env=SLOW_ENV | {"DOCKER_HOST": f"unix://{path}",
                            "MAYFLY_RUNTIMES": RUNTIMES,
                            "MAYFLY_OCI_RUNTIME": os.environ.get("MAYFLY_OCI_RUNTIME", "")})
    assert proxy.created and not engine.inspect(proxy.created)
    answer = json.loads(done.stdout)
    (runtime,) = answer["runtimes"]
    assert not runtime["error"], answer
    failed = {each["name"]: (each["seen"], each["expected"]) for each in runtime["checks"] if not each["ok"]}
    return failed, done.returncode, answer["ok"]


def test_unchanged_it_is_green(engine, tmp_path):
    assert check(engine, tmp_path / "docker.sock", lambda document: None) == ({}, 0, True)


def create_document(engine):
    done = subprocess.run([BINARY, "check", "--print-create"], capture_output=True, check=True, timeout=60,
                          env={"DOCKER_HOST": engine.host})
    return json.loads(done.stdout)


def test_every_masked_path_is_looked_at(engine):
    """The canary's list is the specification's, but for the CPUs' own."""
    masked = create_document(engine)["HostConfig"]["MaskedPaths"]
    [looked_at] = [ast.literal_eval(node.value) for node in ast.parse(CANARY.read_text(encoding="utf-8")).body
                   if isinstance(node, ast.Assign) and node.targets[0].id == "MASKED_PATHS"]
    assert [path for path in masked if "thermal_throttle" not in path] == list(looked_at)


def test_sockets_without_a_limit_of_their_own(engine, tmp_path):
    """Where version 1 of cgroups counts them apart and the OCI runtime keeps to the limit, its lack is seen."""
    fields = create_document(engine)["HostConfig"]
    failed, _, _ = check(engine, tmp_path / "docker.sock", lambda document: document["HostConfig"].pop(
        "KernelMemoryTCP", None))
    info = json.loads(engine.docker("info", "--format", "{{json .}}"))
    is_apart = info["CgroupVersion"] == "1" and info.get("KernelMemoryTCP", False)
    assert ("KernelMemoryTCP" in fields) == is_apart
    runtime = os.environ.get("MAYFLY_OCI_RUNTIME") or info["DefaultRuntime"]
    assert set(failed) == ({"memory of sockets"} if is_apart and runtime == "crun" else set()), failed


@pytest.mark.parametrize("weaken", [networked, host(NetworkMode="host"), host(NetworkMode="bridge"), host(Dns=None)],
                         ids=["network none alone", "the host's but disabled", "a bridge but disabled", "any name servers"])
def test_each_of_two_locks_on_the_network_holds(engine, tmp_path, weaken):
    assert check(engine, tmp_path / "docker.sock", weaken) == ({}, 0, True)


def test_a_bridge_is_seen_where_the_engine_has_one(engine, tmp_path):
    failed, _, _ = check(engine, tmp_path / "docker.sock", several(networked, host(NetworkMode="bridge")))
    has_bridge = engine.run("network", "inspect", "bridge").returncode == 0
    assert bool(failed) == has_bridge and set(failed) <= {"network interfaces", "box"}, failed


def test_an_ipc_namespace_that_a_second_container_may_join(engine, tmp_path):
    """From inside it is the same, but that crun then leaves /dev/shm's flags off: it is no hole of the box's."""
    failed, _, _ = check(engine, tmp_path / "docker.sock", host(IpcMode="shareable"))
    assert set(failed) <= {"mount /dev/shm", "executable files"}, failed


# In the canary's text, the entry of 32-bit programs; and hlt, which a user's program may not execute. A kernel without
# the entry answers both in the same way.
ENTRY, NO_ENTRY = rb"\xcd\x80\xc3", rb"\xf4\x90\xc3"


@pytest.mark.parametrize("is_without", [False, True], ids=["this kernel", "one without"])
def test_a_32_bit_entry_is_seen_where_the_kernel_has_one(engine, tmp_path, is_without):
    weaken = profile(lambda value: value["architectures"].append("SCMP_ARCH_X86"))
    failed, _, _ = check(engine, tmp_path / "docker.sock", weaken, (ENTRY, NO_ENTRY) if is_without else None)
    has_entry = entries.exists("int 0x80") and not is_without
    assert set(failed) == ({"other system call entries"} if has_entry else set()), failed


def test_a_kernel_without_a_32_bit_entry_is_served(engine, tmp_path):
    assert check(engine, tmp_path / "docker.sock", lambda document: None, (ENTRY, NO_ENTRY)) == ({}, 0, True)


def test_there_are_enough_weakenings():
    assert len(WEAKENINGS) >= 25


@pytest.mark.parametrize("weaken, expected", WEAKENINGS.values(), ids=WEAKENINGS)
def test_weakened_it_is_red(engine, tmp_path, weaken, expected):
    failed, code, ok = check(engine, tmp_path / "docker.sock", weaken)
    assert (code, ok) == (1, False)
    assert expected & set(failed), failed
