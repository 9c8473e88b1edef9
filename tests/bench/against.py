"""Measures fresh boxes a second in a closed loop, in turns for this checkout and for another one, such as an older
commit's.

The other's gateway and boxes' image are built from there. They run on the engine of this run, beside ours, and once more on
an engine of their own, as the other's deploy/engine.sh starts it: how an engine is set up counts, too.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from compare import CLIENTS, HELLO, Side
from gateway import ROOT, Gateway

IMAGE = "mayfly-python:against"
ARCHIVE = "base-bookworm.tar"
SLICES, SLICE_SECONDS, LEAD_IN_SECONDS = 4, 10, 3
THIS, SAME_ENGINE, OWN_ENGINE = "this checkout", "the other, on the same engine", "the other, on an engine of its own"


def run(checkout, command, **environment):
    subprocess.run(command, cwd=checkout, env=os.environ | environment, stdin=subprocess.DEVNULL, check=True)


def build(checkout):
    """Build the missing files there. Returns the path of the gateway's binary."""
    run(checkout, ["make", "-s", "all"])
    return Path(checkout) / "build/release/mayfly"


def build_image(checkout, host):
    """Build the image on an engine, under a name that no other checkout's image has."""
    run(checkout, ["runner-image/build.sh", "python"], DOCKER_HOST=host, MAYFLY_IMAGE=IMAGE)


@contextmanager
def own_engine(checkout):
    """Start an engine by the checkout's script, and stop it at the end. Returns its address. Its folder is a short one,
    since there are sockets in it; a base image that this host has bootstrapped is used again."""
    state = tempfile.mkdtemp(prefix="mayfly-bench-", dir="/tmp")
    archive = Path(os.environ.get("MAYFLY_STATE") or "/var/lib/mayfly") / ARCHIVE
    if archive.exists():
        shutil.copy(archive, state)
    try:
        run(checkout, ["deploy/engine.sh", "start"], MAYFLY_STATE=state)
        host = f"unix://{state}/engine/run/docker.sock"
        build_image(checkout, host)
        yield host
    finally:
        run(checkout, ["deploy/engine.sh", "stop", "--purge"], MAYFLY_STATE=state)
        shutil.rmtree(state, ignore_errors=True)


def measure(hosts, binary, image):
    """Returns the runs a second of each side, by name. hosts: the engine of each."""
    with ExitStack() as stack:
        sides = {}
        for name, host in hosts.items():
            other = {} if name == THIS else {"binary": binary, "MAYFLY_RUNTIMES": f"python={image}"}
            sides[name] = Side(stack.enter_context(Gateway(host, **other)), host)
            sides[name].settle()
        for _ in range(SLICES):
            for side in sides.values():
                side.measure(CLIENTS, HELLO, SLICE_SECONDS, LEAD_IN_SECONDS)
    return {name: side.loads[CLIENTS].rate for name, side in sides.items()}


def rows(report, rates, least):
    """least: how many times as many this checkout is to have; None: no target."""
    report.title(f'print("hi"), {CLIENTS} clients in a closed loop, fresh boxes: this checkout and another')
    for name, rate in rates.items():
        report.line(f"runs a second: {name}", f"{rate:.2f}")
    for name in list(rates)[1:]:
        ratio = rates[THIS] / rates[name]
        if least:
            report.ratio(f"this : {name}", ratio, least)
        else:
            report.line(f"this : {name}", f"{ratio:.2f} : 1")


def show(report, host, checkout, least):
    checkout = Path(checkout).resolve()
    assert checkout != ROOT, "the other checkout is this one"
    binary = build(checkout)
    build_image(checkout, host)
    with own_engine(checkout) as own:
        hosts = {THIS: host, SAME_ENGINE: host, OWN_ENGINE: own}
        rows(report, measure(hosts, binary, IMAGE), least)
