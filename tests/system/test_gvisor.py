"""In front of gVisor: its boxes have a kernel of their own, are judged by what holds there, and each limit is tried."""

import pytest

from fake_canary import TRIALS, be_gvisor
from faults import FOREVER, status

FAILED = "the sandbox's self-test failed in runtime python: "


def test_it_is_served_when_every_limit_has_held(engine, start):
    be_gvisor(engine)
    gateway = start()
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
    assert [run.job.args for run in engine.canaries] == [
        [], ["memory", str(512 << 20)], ["processes", "128"], ["threads", "128"], ["cpu", "3"]]
    host = engine.calls("create")[0].body["HostConfig"]
    assert host["PidsLimit"] > 64 and {"Name": "nproc", "Soft": 64, "Hard": 64} in host["Ulimits"]
    (passed,) = gateway.events("canary_passed")
    (differs,) = [event for event in gateway.events("canary_differs") if event["check"] == "cgroup path"]
    assert passed["checks"] > 50 and differs["seen"] == "/ID"


def test_its_name_in_the_engine_is_anybodys_choice(engine, start):
    engine.info = {"Runtimes": {"sandboxed": {"runtimeType": "io.containerd.runsc.v1"}}, "DefaultRuntime": "runc"}
    be_gvisor(engine)
    engine.info["Runtimes"]["runc"] = {"path": "runc"}
    start(MAYFLY_OCI_RUNTIME="sandboxed")
    assert len(engine.canaries) == 5


CLAIMS = {
    "the box alone": ({"Runtimes": {"runc": {"path": "runc"}}, "DefaultRuntime": "runc"}, {}),
    "the box, and a runtime's name": ({"Runtimes": {"runsc": {"path": "runc"}}}, {}),
    "another runtime of the engine's": ({"DefaultRuntime": "runc"}, {}),
    "the engine alone": ({}, {"kernel": "Linux"}),
}


@pytest.mark.parametrize("info, seen", CLAIMS.values(), ids=CLAIMS)
def test_one_witness_is_not_enough(engine, start, info, seen):
    """Judged as Linux, whose boxes show their limits: nobody is served, and no limit is tried."""
    be_gvisor(engine, **seen)
    engine.info |= info
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text=FAILED + "kernel")
    gateway.process.wait_line(f'"error":"{FAILED}kernel"')  # after each check's
    failed = {event["check"] for event in gateway.events("canary_failed")}
    assert {"kernel", "memory", "mount /box"} <= failed
    assert not [run for run in engine.canaries if run.job.args] and not engine.runs


# What is weaker though it is gVisor: a line for each rule, and each trial.
WEAKER = {
    "capabilities": "CapEff=1 no-CapAmb", "namespaces of the host": "ipc no-cgroup", "cgroup path": "/docker/x",
    "mount /box": "tmpfs", "mount /tmp": "tmpfs", "mount /dev/shm": "tmpfs", "mount /proc": "proc", "mount /sys": "sysfs noexec",
    "writable kernel mounts": "/sys/fs/cgroup/cpu", "writable kernel paths": "/proc/sys",
    "devices": "full fuse kvm null random tty urandom zero", "IPC settings": "shmmni=9",
    "room in /box": "0 bytes", "executable files": "/box", "open files": "1048576",
    "system calls": "101", "arguments of system calls": "mknodat of a device", "socket options": "6:31",
    "requests of ioctl": "5412", "commands of fcntl": "37", "sockets": "16:3:0", "seccomp mode": "0",
    "no new privileges": "0", "network interfaces": "eth0 lo", "other system call entries": "int 0x80",
    "mount points": "/ /host", "limit nofile": "1048576 1048576", "domain name": "example.org",
    "init's secrets": "environ maps auxv fd fd/1", "unmasked kernel paths": "/proc/keys",
}


@pytest.mark.parametrize("check", WEAKER)
def test_a_weaker_box_is_refused(engine, start, check):
    be_gvisor(engine, **{check: WEAKER[check]})
    start(wait_ready=False).wait_health(503, text=FAILED + check)
    assert not engine.runs


PAST = {
    "memory past the limit": ("memory", {"stdout": "4194304\n536870912\n"}),
    "memory past the limit, and ended late": ("memory", {"stdout": "300000000\n", "lose_at_end": "oom"}),
    "memory past the limit, and not told": ("memory", {"stdout": "251658240\n", "lose_at_end": "lost"}),
    "processes past the limit": ("processes", {"stdout": "3\n128\n"}),
    "processes past the limit, and ended late": ("processes", {"stdout": "100\n", "lose_at_end": "lost"}),
    "threads past the limit": ("threads", {"stdout": "3\n128\n"}),
    "threads past the limit, refused late": ("threads", {"stdout": "65\nrefused\n"}),
}


@pytest.mark.parametrize("name", PAST)
def test_a_limit_that_does_not_hold_is_named(engine, start, name):
    trial, directive = PAST[name]
    be_gvisor(engine, trials={trial: directive})
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text=FAILED + name.split(",")[0])
    gateway.process.wait_line('"error":"' + FAILED + name.split(",")[0])  # after each check's
    assert len(gateway.events("canary_failed")) == 1 and not engine.runs


@pytest.mark.parametrize("cpu", [{"share": 2.0}, {"periods": 0}], ids=["more is used", "none is set"])
def test_a_cpu_limit_that_does_not_hold_is_named(engine, start, cpu):
    be_gvisor(engine)
    engine.cpu |= cpu
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text=FAILED + "CPU past the limit")
    gateway.process.wait_line('"error":"' + FAILED + "CPU past the limit")  # after each check's
    assert len(gateway.events("canary_failed")) == 1 and not engine.runs


def test_a_busy_machine_gives_less_and_that_is_fine(engine, start):
    be_gvisor(engine)
    engine.cpu["share"] = 0.2
    assert start().execute({})[0] == 200


def test_a_trial_whose_box_is_lost_by_accident_proves_nothing(engine, start):
    be_gvisor(engine, trials={"processes": {"stdout": "3\n", "lose_at_end": "lost"}})
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="could not be run in runtime python: the box of a trial of its limits was lost")
    engine.canary["trials"] = {}
    gateway.wait_health(200)


def test_an_engine_that_does_not_tell_what_boxes_use_is_not_trusted(engine, start):
    be_gvisor(engine)
    engine.script("stats", status(500), count=FOREVER)
    gateway = start(wait_ready=False)
    gateway.wait_health(503, text="could not be run in runtime python: the engine answered 500")
    engine.heal()
    gateway.wait_health(200)
    assert TRIALS and gateway.execute({})[0] == 200
