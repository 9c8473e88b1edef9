"""The systemd units, booted: the sandbox that they promise, a restart after a death, a stop that loses nothing."""

import json
import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

import machine
from gateway import BINARY, free_port

UID_BASE = 1_500_000_000  # its boxes are told by it
EXPOSURE_MOST = 2.0


@pytest.fixture(scope="module")
def booted(engine, tmp_path_factory):
    root = tmp_path_factory.mktemp("machine") / "root"
    machine.make_root(root)
    settings = {"DOCKER_HOST": "unix:///srv/docker.sock", "MAYFLY_LISTEN": f"127.0.0.1:{free_port()}", "MAYFLY_WARM": 2,
                "MAYFLY_UID_BASE": UID_BASE}
    machine.install(root, BINARY, engine.socket, settings)
    with machine.Machine(root, engine.socket) as running:
        running.url = f"http://{settings['MAYFLY_LISTEN']}"
        machine.wait_until(lambda: is_ready(running), "the units serve")
        yield running


def is_ready(running):
    try:
        with urllib.request.urlopen(f"{running.url}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def execute(running, code, timeout=5):
    request = urllib.request.Request(f"{running.url}/api/v1/execute", json.dumps({"code": code, "timeout": timeout}).encode(),
                                     {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.parametrize("unit", machine.UNITS)
def test_a_unit_is_sandboxed(unit):
    seen = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                           machine.ROOT / "deploy/systemd" / unit], capture_output=True, text=True, check=False)
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", seen.stdout)
    assert level, seen
    assert float(level[1]) <= EXPOSURE_MOST, seen.stdout


def test_it_serves(booted):
    answer = execute(booted, "print(6 * 7)")
    assert (answer["status"], answer["stdout"]) == ("success", "42\n")


def test_the_front_holds_nothing(booted):
    status = machine.read(f"/proc/{booted.processes()['front']}/status").decode()
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    assert fields["Uid"].split()[0] != "0"
    assert int(fields["CapBnd"], 16) == int(fields["CapEff"], 16) == 0
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
    docker = str(os.stat(booted.root / "srv/docker.sock").st_gid)
    assert docker == "0" or docker not in fields["Groups"].split()


def test_a_reload_is_for_the_front_that_runs(booted):
    before = booted.processes()
    booted.systemctl("reload", "mayfly-front")
    assert booted.processes() == before and execute(booted, "print(1)")["stdout"] == "1\n"


@pytest.mark.parametrize("role", ["front", "broker"])
def test_a_role_that_dies_is_started_again(booted, role):
    dead = booted.processes()[role]
    os.kill(dead, signal.SIGKILL)
    machine.wait_until(lambda: booted.processes().get(role, dead) != dead, f"another {role}")
    machine.wait_until(lambda: is_ready(booted), "it serves again")
    assert execute(booted, "print(1)")["stdout"] == "1\n"


def test_a_stop_lets_runs_end_and_leaves_nothing(booted, engine):
    answers = []
    machine.wait_until(lambda: boxes(engine), "its boxes are there")
    # One that was killed before may have left boxes, for which the next has no reason to hurry.
    instance = max(boxes(engine), key=lambda box: box["Created"])["Config"]["Labels"]["mayfly.instance"]
    run = threading.Thread(target=lambda: answers.append(execute(booted, "import time; print(1, flush=True); time.sleep(3)")))
    run.start()
    machine.wait_until(lambda: running_programs(booted), "the run has begun")
    booted.halt()
    run.join(30)
    assert [answer["status"] for answer in answers] == ["success"]
    assert booted.wait_halted() == 0
    assert engine.managed(f"label=mayfly.instance={instance}") == []


def boxes(engine):
    """This machine's: other gateways may be at work on the same engine."""
    return [box for box in engine.inspect(engine.managed())
            if int(box["Config"]["User"].split(":")[0]) >= UID_BASE]


def running_programs(booted):
    """Runs that the gateway has in boxes, by its own account."""
    with urllib.request.urlopen(f"{booted.url}/metrics", timeout=5) as answer:
        return int(re.search(rb"^mayfly_runs_running (\d+)", answer.read(), re.M)[1])
