"""The parts that check the machine, a box, and the ends of programs in boxes."""

import json
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from checking import (BOTH_RUNTIMES, ROOT, RUNTIMES, SLOW, SUITE, boxes, docker_info, execute, output, read, run, start_docker,
                      wait_until)

MIB = 1 << 20
KERNELS = {"bookworm": "6.1", "trixie": "6.12"}
# A program of two instructions for a 32-bit kernel entry: exit(7).
EXIT_7 = b"\xb8\x01\x00\x00\x00\xbb\x07\x00\x00\x00\xcd\x80"


def machine(checks):
    """The machine is what Debian's users have."""
    release = os.uname().release
    checks.row(release.startswith(KERNELS[SUITE] + ".") and run("dpkg", "-S", f"/boot/vmlinuz-{release}", check=False)
               .returncode == 0, "the kernel is Debian's", release)
    state = run("systemctl", "is-system-running", "--wait", check=False, timeout=300).stdout.strip()
    failed = output("systemctl", "--failed", "--plain", "--no-legend", check=False)
    checks.row(state == "running", "systemd runs, no unit has failed", failed or output("systemctl", "--version").split("\n")[0])
    kind = output("stat", "-fc", "%T", "/sys/fs/cgroup")
    checks.row(kind == "cgroup2fs", "cgroup v2 alone", read("/sys/fs/cgroup/cgroup.controllers"))
    info = start_docker()
    checks.row((info["CgroupDriver"], info["CgroupVersion"]) == ("systemd", "2"), "Docker's service has the systemd driver on v2",
               f"Docker {info['ServerVersion']}, {info['DefaultRuntime']}")
    options = " ".join(info["SecurityOptions"])
    profile = re.search(r"^docker-default \((\w+)\)", read("/sys/kernel/security/apparmor/profiles"), re.MULTILINE)
    checks.row("apparmor" in options and profile and profile[1] == "enforce", "AppArmor enforces docker-default", options)
    if os.environ.get("APPEND"):
        line = read("/proc/cmdline")
        checks.row(os.environ["APPEND"] in line, "the kernel has the words that were asked for", line)
    if "ia32_emulation=off" in os.environ.get("APPEND", ""):
        checks.row(not runs_32_bit(), "this kernel has no 32-bit entry", "a 32-bit program does not start")


def runs_32_bit():
    """Whether the kernel starts a 32-bit program."""
    header = bytes.fromhex("7f454c46010101000000000000000000020003000100000054800408340000000000000000000000340020000100"
                           "000000000000")
    size = (84 + len(EXIT_7)).to_bytes(4, "little")
    load = bytes.fromhex("01000000000000000080040800800408") + size + size + bytes.fromhex("0500000000100000")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "exit7"
        path.write_bytes(header + load + EXIT_7)
        path.chmod(0o755)
        try:
            return subprocess.run([path], check=False).returncode == 7
        except OSError:
            return False


def check(checks):
    """`mayfly check` on the distribution's engine."""
    info = start_docker()
    images = output("docker", "image", "ls", "--format", "{{.Repository}}").split()
    env = {"MAYFLY_RUNTIMES": BOTH_RUNTIMES if "mayfly-python-data" in images else RUNTIMES}
    done = run("build/release/mayfly", "check", "--json", env=env, check=False, timeout=120)
    report = json.loads(done.stdout)
    engine = report["engine"] or {}
    checks.row(engine.get("cgroup") == "v2" and engine.get("architecture") == os.uname().machine,
               "the engine, as mayfly check sees it", " ".join(f"{k} {v}" for k, v in engine.items()))
    for runtime in report["runtimes"]:
        bad = [f"{c['name']}: {c['seen']} for {c['expected']}" for c in runtime["checks"] if not c["ok"]]
        checks.row(runtime["ok"] and not bad, f"a box of {runtime['name']} is as it must be",
                   "; ".join(bad) or runtime["error"] or f"{len(runtime['checks'])} checks, all ok")
        seen = {c["name"]: c["seen"] for c in runtime["checks"]}
        checks.row(seen.get("AppArmor") == "docker-default (enforce)", f"... and AppArmor confines it ({runtime['name']})",
                   seen.get("AppArmor"))
    checks.row(done.returncode == 0, "exit code of mayfly check", done.returncode)
    assert info["ServerVersion"] == engine.get("version"), "the engine that was looked at is the distribution's"


def contract(checks):
    """The contract tests on the distribution's engine."""
    pytest(checks, "tests/docker/test_gateway.py")


def leftovers(checks):
    """Many runs of every fate, and nothing is left."""
    pytest(checks, "tests/docker/test_leftovers.py")


def entries(checks):
    """The kernel's other entries: the filter kills who comes by them, or the kernel has none of them."""
    pytest(checks, "tests/docker/test_seccomp.py", "-k", "other_entries or the_self_test_passes")
    pytest(checks, "tests/docker/test_mutation.py", "-k", "32_bit_entry")


def pytest(checks, *words):
    start_docker()
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        done = run("/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rf", f"--junit-xml={report.name}",
                   *words, check=False, timeout=600,
                   env={"MAYFLY_BIN": str(ROOT / "build/release/mayfly"), "PYTHONDONTWRITEBYTECODE": "1",
                        "MAYFLY_TEST_SLOW": str(SLOW)})
        cases = list(ElementTree.parse(report.name).iter("testcase"))
    bad = [case for case in cases if any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))]
    for case in bad:
        why = next(child for child in case if child.tag in ("failure", "error", "skipped"))
        checks.row(False, case.get("name"), why.get("message"))
    if bad:
        sys_stderr(done.stdout)
    checks.row(bool(cases) and not bad and done.returncode == 0, words[0], f"{len(cases) - len(bad)} of {len(cases)}")
    checks.row(not boxes(), "... and no box is left", boxes())


def sys_stderr(text):
    os.write(2, text[-20000:].encode())


# ---- what becomes of programs, for the parts that have a gateway ----

THREADS = """
import threading, time
n = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); n += 1
except RuntimeError as error:
    print(n, error)
"""
CHILD_EATS = """
import os, time
if os.fork() == 0:
    x = []
    while True: x.append(bytearray(1 << 20))
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
LOW_SCORES = ROOT / "tests/hostile/programs/low_oom_score.py"
SPIN = """
import time
begun = time.monotonic()
while time.monotonic() - begun < 3: pass
print(time.process_time() / (time.monotonic() - begun))
"""


def verdicts(checks):
    """What becomes of programs that take too much."""
    eats = execute("x = []\nwhile True: x.append(bytearray(1 << 20))", timeout=30)
    checks.row((eats["status"], eats["reason"], eats["signal"]) == ("error", "memory_limit", "SIGKILL")
               and eats["peak_memory"] <= 256 * MIB, "memory: killed, and said so", f"peak {eats['peak_memory']}")
    child = execute(CHILD_EATS, timeout=30)
    checks.row(child["status"] == "success" and child["stdout"] == "-9\n" and "memory" in (child["message"] or ""),
               "memory: a child's end is told", child["message"])
    many = execute(LOW_SCORES.read_text(encoding="utf-8"), timeout=30)
    checks.row((many["status"], many["reason"]) == ("error", "memory_limit"), "memory: many, of the lowest OOM score",
               many["message"])
    threads = execute(THREADS, timeout=30, limits={"pids": 32})
    made = int((threads["stdout"].split() or ["0"])[0])
    checks.row(8 <= made < 32 and "can't start new thread" in threads["stdout"], "pids: 32 and no more",
               threads["stdout"])
    half = execute(SPIN, timeout=30, limits={"cpus": 0.5})
    checks.row(0 < float(half["stdout"] or 0) < 0.75, "CPU: half of one", half["stdout"])
    spins = execute("print(1, flush=True)\nwhile True: pass", timeout=2)
    checks.row((spins["status"], spins["stdout"]) == ("timeout", "1\n"), "time: a program that spins", spins["message"])
    bomb = execute("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", timeout=3)
    after = execute("print('after')", timeout=10)
    checks.row(bomb["status"] == "timeout" and after["stdout"] == "after\n", "time: a fork bomb, and a run after it",
               bomb["message"])


def enforced(group, name):
    """A limit's least value in a cgroup and those around it, which is the one that the kernel enforces."""
    def amount(text):
        limit, _, period = text.partition(" ")
        return float("inf") if limit == "max" else int(limit) / int(period or 1)
    around = (folder for folder in (group, *group.parents) if folder.is_relative_to("/sys/fs/cgroup"))
    return min(filter(None, (read(folder / name) for folder in around)), key=amount, default="none")


LIMITS = {"memory.max": str(256 * MIB), "memory.swap.max": "0", "pids.max": "64", "cpu.max": "100000 100000"}


def cgroup_of_a_box(docker):
    """Its path, and its limits. A box that ends meanwhile is none."""
    for box in output(*docker, "ps", "--quiet", "--filter", "label=mayfly.managed=1").split():
        pid = run(*docker, "inspect", "--format", "{{.State.Pid}}", box, check=False).stdout.strip()
        path = read(f"/proc/{pid}/cgroup").removeprefix("0::/")
        group = Path("/sys/fs/cgroup") / path
        seen = {name: enforced(group, name) for name in LIMITS}
        if path and group.exists():
            return path, seen
    return None


def limits_in_the_kernel(checks, docker):
    """The cgroup of a box, from outside. Podman makes two, one in the other."""
    path, seen = wait_until(lambda: cgroup_of_a_box(docker), "a box")
    checks.row(seen == LIMITS, "a box's cgroup has the limits", "".join(f"{k} {v}, " for k, v in seen.items()) + path)


PARTS = {"machine": machine, "check": check, "contract": contract, "leftovers": leftovers, "entries": entries}
__all__ = ["PARTS", "docker_info", "limits_in_the_kernel", "verdicts"]
