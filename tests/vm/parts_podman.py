"""Podman without root, as deploy/docs/podman.md has it: the engine and the broker are one user, the front another.

This part runs in the machine's own Debian, whose Podman it is; Mayfly runs in the root of Debian 12.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

from checking import (ROOT, SETTINGS, SLOW, execute, is_ready, output, processes, read, run, run_under_way, start_docker,
                      stop_docker, wait_until)
from parts_engine import limits_in_the_kernel, verdicts

USER, FRONT = "somebody", "mayfly"
ENTER = [str(ROOT / "tests/vm/enter.sh"), "/srv/debian12"]
IMAGE = "mayfly-python:latest"


def readme_lines():
    """podman.md's lines for root, and those for the user."""
    text = (ROOT / "deploy/docs/podman.md").read_text(encoding="utf-8")
    section = re.search(r"^## Without root\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    at = next(n for n, line in enumerate(lines) if line.startswith("systemctl --user"))
    return [re.sub(r"\bUSER\b", USER, line) for line in lines[:at]], lines[at:]


class User:
    """Who has the engine; a session is kept for them, as root's lines say."""

    def __init__(self):
        self.uid = int(output("id", "--user", USER))
        self.folder = f"/run/user/{self.uid}"
        # As their shell would have it after the export in podman.md.
        _, lines = readme_lines()
        export = next(line for line in lines if line.startswith("export "))
        self.settings = dict(word.split("=", 1) for word in export.replace("$XDG_RUNTIME_DIR", self.folder).split()[1:])

    def command(self, *words):
        return ["runuser", "--user", USER, "--", "env", "--chdir=/", f"XDG_RUNTIME_DIR={self.folder}",
                f"HOME=/home/{USER}", *words]

    def output(self, *words, **named):
        return output(*self.command(*words), **named)

    def mayfly(self, *words):
        """A command of Mayfly's as this user, in the root where it runs."""
        return [*ENTER, "setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "env",
                *(f"{name}={value}" for name, value in self.settings.items()), f"XDG_RUNTIME_DIR={self.folder}",
                "/usr/bin/mayfly", *words]


def prepare(checks):
    """The user, Podman's socket, and the boxes' image in that user's storage."""
    run("install", "-m", "755", "build/release/mayfly", "/srv/debian12/usr/bin/mayfly")
    run("useradd", "--create-home", USER)
    lines, theirs = readme_lines()
    run("bash", "-exc", "\n".join(lines), timeout=120)
    user = User()
    wait_until(lambda: read(f"/sys/fs/cgroup/user.slice/user-{user.uid}.slice/user@{user.uid}.service/cgroup.controllers"),
               "the user's session is there")
    controllers = read(f"/sys/fs/cgroup/user.slice/user-{user.uid}.slice/user@{user.uid}.service/cgroup.controllers")
    checks.row({"cpu", "memory", "pids"} <= set(controllers.split()), "systemd delegates what limits need", controllers)
    wait_until(lambda: run(*user.command(*theirs[0].split()), check=False).returncode == 0, f"{theirs[0]} works")
    start_docker()
    with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
        run("docker", "save", "--output", archive.name, IMAGE, timeout=300)
        os.chmod(archive.name, 0o644)
        stop_docker()
        user.output("podman", "load", "--quiet", "--input", archive.name, timeout=600)
    info = json.loads(user.output("podman", "info", "--format", "json", timeout=120))
    host = info["host"]
    checks.row(host["security"]["rootless"] and host["cgroupVersion"] == "v2", "Podman without root, on cgroup v2",
               f"Podman {info['version']['Version']}, {host['ociRuntime']['name']}, {host['cgroupManager']}")
    return user


def check(checks, user):
    done = run(*user.mayfly("check", "--json"), check=False, timeout=120)
    report = json.loads(done.stdout)
    engine = report["engine"] or {}
    checks.row(engine.get("cgroup") == "v2", "the engine, as mayfly check sees it", " ".join(f"{k} {v}" for k, v in engine.items()))
    (runtime,) = report["runtimes"]
    bad = [f"{c['name']}: {c['seen']} for {c['expected']}" for c in runtime["checks"] if not c["ok"]]
    other = [c["name"] for c in runtime["checks"] if c.get("differs")]
    checks.row(runtime["ok"] and not bad and done.returncode == 0, "a box is as it must be", "; ".join(bad) or runtime["error"]
               or f"{len(runtime['checks'])} checks, all ok; other, not weaker: {', '.join(other) or 'none'}")


class Apart:
    """The broker as the user, and the front as another one."""

    def __init__(self, user):
        self.log = tempfile.NamedTemporaryFile(prefix="podman-", delete=False)
        front = [*ENTER, "setpriv", f"--reuid={output('id', '--user', FRONT)}", f"--regid={output('id', '--group', FRONT)}",
                 "--clear-groups", "/usr/bin/mayfly", "front"]
        self._processes = [subprocess.Popen(words, cwd=ROOT, env=os.environ | SETTINGS, stdin=subprocess.DEVNULL,
                                            stdout=self.log, stderr=subprocess.STDOUT)
                           for words in (user.mayfly("broker"), front)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            if process.poll() is None:
                process.kill()

    def text(self):
        return read(self.log.name)

    def users(self):
        """Whose processes they are."""
        return {process.args[-1]: int(re.search(r"^Uid:\s+(\d+)", read(f"/proc/{process.pid}/status"), re.MULTILINE)[1])
                for process in self._processes}

    def stop(self):
        """Exit codes of front and broker, stopped in this order."""
        codes = []
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            codes.append(process.wait(60 * SLOW))
        return codes


def podman_rootless(checks):
    """Podman without root: the self-test, the limits and their verdicts, and a stop that leaves nothing."""
    user = prepare(checks)
    check(checks, user)
    refused = run(*user.mayfly("serve"), check=False)
    checks.row(refused.returncode != 0 and "engine's socket" in refused.stderr, "one user for both is refused",
               refused.stderr[-150:])
    with Apart(user) as gateway:
        wait_until(is_ready, "broker and front serve", 150, gateway.text)
        users = gateway.users()
        checks.row(users == {"broker": user.uid, "front": int(output("id", "--user", FRONT))}, "they are two users, neither root",
                   users)
        checks.row(execute("print(6 * 7)", timeout=10)["stdout"] == "42\n", "a run", "")
        limits_in_the_kernel(checks, user.command("podman"))
        verdicts(checks)
        last = run_under_way()
        codes = gateway.stop()
        checks.row(last.end().get("stdout") == "whole\n" and codes == [0, 0], "a stop lets a run end", f"exit codes {codes}")
    left = user.output("podman", "ps", "--all", "--quiet")
    checks.row(not left, "no container is left", left)
    wait_until(lambda: not processes("mayfly", "mayfly-init", "conmon"), "nothing of ours runs")
    groups = [str(path) for path in Path("/sys/fs/cgroup").rglob("libpod-*")]
    checks.row(not groups, "no process and no cgroup is left", groups)
    files = [str(path) for path in Path(user.folder).rglob("mayfly-seccomp-*")]
    checks.row(not files, "no profile is left", files)
    with contextlib.suppress(AssertionError):
        user.output("systemctl", "--user", "stop", "podman.socket", "podman.service")
    start_docker()


PARTS = {"podman-rootless": podman_rootless}
