"""The parts that start Mayfly in each way of deploy/README.md, use it, and stop it."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from checking import (LONG, ROOT, RUNTIMES, SETTINGS, SLOW, SUITE, Later, begin, boxes, execute, instances, is_ready, output,
                      processes, read, run, run_under_way, start_docker, stop_docker, wait_until)
from parts_engine import limits_in_the_kernel, verdicts

OURS = ("mayfly", "mayfly-init", "dockerd", "containerd", "containerd-shim")
OWN_PIDS = 50  # a limit by which the boxes of some runs are told
MARK = Path("/root/reboot.json")  # what a reboot must leave alone
CURL = re.search("^    (curl -s .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)[1]


# ---- make run ----

class MakeRun:
    """`make run`, as from a terminal of its own."""

    def __init__(self):
        self.log = tempfile.NamedTemporaryFile(prefix="make-run-", delete=False)
        self._make = subprocess.Popen(["make", "run"], cwd=ROOT, env=os.environ | SETTINGS | {"MAYFLY_RUNTIMES": RUNTIMES},
                                      stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
                                      start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._make.poll() is None:
            self.interrupt()

    def text(self):
        return read(self.log.name)

    def wait_ready(self):
        def is_told():
            assert self._make.poll() is None, f"make run ended: {self.text()[-600:]}"
            return "gateway is ready" in self.text()
        begun = time.monotonic()
        wait_until(is_told, "make run says that it is ready", 150, self.text)
        return f"{time.monotonic() - begun:.1f} s"

    def interrupt(self):
        """A Ctrl-C; the exit code of make, once it has ended."""
        os.killpg(self._make.pid, signal.SIGINT)
        try:
            return self._make.wait(60 * SLOW)
        finally:
            if self._make.poll() is None:
                os.killpg(self._make.pid, signal.SIGKILL)


def mounts():
    return sorted(line.split()[1] for line in read("/proc/mounts").splitlines())


def box_cgroups():
    """Cgroups that a box or a private engine has made."""
    found = [*Path("/sys/fs/cgroup").rglob("docker-*.scope"), *Path("/sys/fs/cgroup").glob("mayfly-*")]
    return [str(path) for path in found]


def make_run(checks, docker):
    before = mounts(), set(processes(*OURS))
    with MakeRun() as gateway:
        checks.row(True, "make run is ready", gateway.wait_ready())
        answer = json.loads(output("bash", "-c", CURL))
        checks.row((answer["status"], answer["stdout"]) == ("success", "4\n"), "README's curl line",
                   f"{answer['execution_time']} s")
        limits_in_the_kernel(checks, docker(gateway))
        verdicts(checks)
        last = run_under_way()
        code = gateway.interrupt()
        checks.row(last.end().get("stdout") == "whole\n", "Ctrl-C lets a run end", f"{last.end()['status']}, make: {code}")
    left = [name for pid, name in processes(*OURS).items() if pid not in before[1]]
    checks.row(not left, "no process is left", left)
    checks.row(mounts() == before[0], "no mount is left", set(mounts()) - set(before[0]))
    checks.row(not box_cgroups(), "no cgroup is left", box_cgroups())


def service(checks):
    """`make run` with the distribution's engine."""
    start_docker()
    make_run(checks, lambda _: ["docker"])
    checks.row(not boxes(), "no box is left", boxes())


def private(checks):
    """`make run` where no engine runs."""
    stop_docker()
    wait_until(lambda: not processes("dockerd"), "the distribution's engine has ended")

    def docker(gateway):
        assert "a private one" in gateway.text(), gateway.text()
        return ["docker", "--host", re.search(r"unix:///\S+docker\.sock", output("deploy/engine.sh", "env"))[0]]
    make_run(checks, docker)
    start_docker()


# ---- systemd ----

PAGE = ROOT / "deploy/docs/systemd.md"


def commands():
    """The first block of commands of the page."""
    block = re.search(r"^((?:    [^\n]*\n)+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[1]
    return re.sub("^    ", "", block, flags=re.MULTILINE)


def install_units():
    settings = {"MAYFLY_RUNTIMES": RUNTIMES} | {k: v for k, v in SETTINGS.items() if k != "MAYFLY_SETUP"}
    Path("/etc/mayfly").mkdir(exist_ok=True)
    Path("/etc/mayfly/mayfly.env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()), encoding="ascii")
    lines, count = re.subn(r"--retry (\d+)", lambda found: f"--retry {int(found[1]) * SLOW}", commands())
    assert count == 1, "systemd.md's line waits until it is ready"
    return output("bash", "-ec", lines, timeout=300)


def main_pid(unit):
    return int(output("systemctl", "show", "--property=MainPID", "--value", unit))


def exposure(unit):
    text = output("systemd-analyze", "security", "--no-pager", unit)
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", text)[1])


def kill_unit(checks, unit):
    """A death by SIGKILL, and it serves again."""
    before = main_pid(unit)
    os.kill(before, signal.SIGKILL)
    begun = time.monotonic()
    wait_until(lambda: main_pid(unit) not in (0, before) and is_ready(), f"{unit} serves again")
    checks.row(execute("print(1)", timeout=10)["stdout"] == "1\n", f"{unit} killed: it serves again",
               f"{time.monotonic() - begun:.1f} s")
    # One that the dead broker had only created is left alone until no broker can be about to start it.
    wait_until(lambda: len(instances()) == 1, "nobody else's boxes are left", 120)
    checks.row(True, "... and the dead one's boxes are removed", f"{time.monotonic() - begun:.1f} s")


def units(checks):
    """The systemd units, by systemd.md's own lines."""
    start_docker()
    last = install_units().splitlines()[-1:]
    checks.row(last == ['{"status":"ready"}'], "systemd.md's lines install and start them", last)
    for unit, most in zip(("mayfly-front", "mayfly-broker"), exposures_promised()):
        seen = exposure(unit)
        checks.row(seen <= most, f"systemd-analyze security {unit}", f"{seen}, systemd.md says {most}")
    checks.row(execute("print(6 * 7)", timeout=10)["stdout"] == "42\n", "a run", "")
    verdicts(checks)
    during(checks, "restart", "mayfly-broker")
    during(checks, "restart", "mayfly-front")
    kill_unit(checks, "mayfly-front")
    kill_unit(checks, "mayfly-broker")
    during(checks, "stop", "mayfly-front", "mayfly-broker")
    checks.row(not boxes() and not Path("/run/mayfly").exists(), "after the stop nothing is left", boxes())
    ours = [event["event"] for event in events_of()]
    checks.row({"ready", "run_ended", "draining"} <= set(ours), "the journal has our events", f"{len(ours)} lines")
    denied = [line for line in output("journalctl", "--dmesg", "--output=cat", "--no-pager").splitlines()
              if 'apparmor="DENIED"' in line]
    checks.row(not denied, "AppArmor has denied nothing", denied[:1])
    run("systemctl", "disable", "mayfly-front", "mayfly-broker")


def exposures_promised():
    text = PAGE.read_text(encoding="utf-8")
    return map(float, re.search(r"`systemd-analyze security`: ([\d.]+) and ([\d.]+)\)", text).groups())


def during(checks, verb, *names):
    """A run is under way while units are restarted or stopped."""
    run_in_flight = run_under_way()
    begun = time.monotonic()
    run("systemctl", verb, *names, timeout=120)
    took = time.monotonic() - begun
    answer = run_in_flight.end()
    checks.row(answer.get("stdout") == "whole\n", f"systemctl {verb} {' '.join(names)}: the run is answered",
               f"{answer['status']}, {took:.1f} s")
    if verb == "restart":
        wait_until(is_ready, "it serves again")
        checks.row(execute("print(2)", timeout=10)["stdout"] == "2\n", "... and it serves again", "")


# ---- compose ----

def compose(*words, timeout=300):
    command = ["docker-compose"] if run("docker", "compose", "version", check=False).returncode != 0 else ["docker", "compose"]
    settings, patience = Path("/root/compose.env"), Path("/root/compose.patience.yml")
    settings.write_text("".join(f"{k}={v}\n" for k, v in SETTINGS.items()), encoding="ascii")
    # A slow machine's health checks take longer, too.
    check = {"interval": f"{2 * SLOW}s", "timeout": f"{6 * SLOW}s", "start_period": f"{30 * SLOW}s"}
    patience.write_text(json.dumps({"services": {name: {"healthcheck": check} for name in ("broker", "front")}}), encoding="ascii")
    files = ["-f", "docker-compose.yml", "-f", str(patience)] if SLOW > 1 else []
    return output(*command, *files, *words, timeout=timeout, env={"MAYFLY_ENV": str(settings), "MAYFLY_RUNTIMES": RUNTIMES})


def compose_up():
    compose("up", "--detach", "--no-build")
    wait_until(is_ready, "compose's gateway is ready", 180)


def compose_part(checks):
    """docker-compose.yml, with the images that are on the disk."""
    start_docker()
    begun = time.monotonic()
    compose_up()
    checks.row(True, "docker compose up serves", f"{time.monotonic() - begun:.1f} s")
    checks.row(execute("print(6 * 7)", timeout=10)["stdout"] == "42\n", "a run", "")
    verdicts(checks)
    in_flight = Later(LONG, timeout=25, limits={"pids": OWN_PIDS})
    wait_until(boxes_of_own, "the run is under way")
    compose("restart", "front")
    answer = in_flight.end()
    checks.row(answer.get("stdout") == "whole\n", "docker compose restart front: the run is answered", answer["status"])
    wait_until(is_ready, "compose's front is ready again")
    checks.row(execute("print(2)", timeout=10)["stdout"] == "2\n", "... and it serves again", "")
    compose("down", "--volumes")
    checks.row(not output("docker", "ps", "--all", "--quiet"), "docker compose down leaves no container", "")


def boxes_of_own():
    """The ids of boxes of runs that have asked for so many processes: none is kept warm with that limit. A box that ends
    meanwhile is none."""
    ids = output("docker", "ps", "--quiet", "--no-trunc", "--filter", "label=mayfly.managed=1").split()
    form = "{{.HostConfig.PidsLimit}} {{.Id}}"
    lines = run("docker", "inspect", "--format", form, *ids, check=False).stdout.splitlines() if ids else []
    return [line.split()[1] for line in lines if line.startswith(f"{OWN_PIDS} ")]


# ---- reboot ----

def before_reboot(checks):
    """Something that starts at each boot, with runs under way that need no client."""
    start_docker()
    if SUITE == "bookworm":
        install_units()
    else:
        compose_up()
    for _ in range(3):
        begin("import time; time.sleep(25)", timeout=30, limits={"pids": OWN_PIDS})
    wait_until(lambda: len(boxes_of_own()) == 3, "three boxes for three runs")
    MARK.write_text(json.dumps({"boot": read("/proc/sys/kernel/random/boot_id"), "boxes": boxes()}), encoding="ascii")
    os.sync()
    checks.row(len(boxes_of_own()) == 3, "three runs are under way at the reboot", f"{len(boxes())} boxes")


def after_reboot(checks):
    mark = json.loads(MARK.read_text(encoding="ascii"))
    boot = read("/proc/sys/kernel/random/boot_id")
    checks.row(boot != mark["boot"], "the machine has rebooted", boot)
    wait_until(is_ready, "it serves after the reboot", 180)
    checks.row(execute("print(6 * 7)", timeout=10)["stdout"] == "42\n", "it serves again, by itself",
               output("systemd-analyze", "time", check=False).split("\n")[0])
    left = sorted(set(boxes()) & set(mark["boxes"]))
    checks.row(not left, "no box of before is left", left)
    if SUITE == "bookworm":
        events = events_of("--boot=-1")
        drained = [event for event in events[[event["event"] for event in events].index("draining"):]
                   if event["event"] == "run_ended" and event["verdict"] == "exited"]
        checks.row(len(drained) == 3, "the machine went down when the runs had ended",
                   " ".join(event["event"] for event in events[-8:]))
        run("systemctl", "disable", "--now", "mayfly-front", "mayfly-broker", timeout=120)
    else:
        compose("down", "--volumes")
    checks.row(not boxes(), "no box is left at last", boxes())


def events_of(*words):
    """What the units have logged."""
    log = output("journalctl", *words, "--output=cat", "--unit=mayfly-front", "--unit=mayfly-broker", "--no-pager")
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


PARTS = {"service": service, "private": private, "units": units, "compose": compose_part,
         "before_reboot": before_reboot, "after_reboot": after_reboot}
