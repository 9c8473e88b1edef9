"""Mayfly beside the service that it replaces (subprocess_service.py): the same requests of the same clients, in turns.

Each slice of a service begins when nothing else runs, with a lead-in that uses up the boxes that were ready. So "fresh"
counts boxes that the engine makes during the measurement, not boxes that were made before.
"""

import json
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from boxes import Boxes
from cost import cpu_seconds
from gateway import Client, Gateway, free_port
from load import Load, add_slice

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
IMAGE_DATA = "mayfly-python-data:latest"
FRESH, REUSE, SUBPROCESS = "fresh", "reuse", "subprocess"
CLIENTS = 8
COUNTS = (1, 2, 4, CLIENTS, 16)
SLICE_SECONDS, LEAD_IN_SECONDS = 4, 1
MORE_SLICES = 2           # of the CLIENTS, for the sake of p99
DATA_SECONDS, DATA_SLICES = 10, 2
DATA_LEAD_IN_SECONDS = 4  # about a whole round of the slowest
TIMEOUT_SECONDS = 30      # on a slow machine many imports at once take long
START_SECONDS = 30
SHARED = {"MAYFLY_BOX_RUNS": 1000, "MAYFLY_MAX_BOXES": 40,
          "MAYFLY_BOX_IDLE_MS": 3_600_000, "MAYFLY_BOX_AGE_MS": 3_600_000}  # a box stays while others are measured


def body_of(code):
    return json.dumps({"code": code, "timeout": TIMEOUT_SECONDS}).encode()


HELLO = body_of('print("hi")')
PANDAS = body_of('import pandas\nprint("hi")')


class SubprocessService:
    """uvicorn, with its defaults."""

    def __init__(self):
        self.address = ("127.0.0.1", free_port())

    def __enter__(self):
        host, port = self.address
        self._process = subprocess.Popen(
            [PYTHON, "-m", "uvicorn", "--app-dir", HERE, "--host", host, "--port", str(port), "subprocess_service:app"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(START_SECONDS)

    def _wait_up(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None and time.monotonic() < deadline, "uvicorn does not start"
            try:
                with Client(self.address) as client:
                    assert client.post(HELLO).receive().status == 200
                return
            except ConnectionError:
                time.sleep(0.05)


class Side:
    """A service, its loads by number of clients, and what its processes used."""

    def __init__(self, service, host=None):
        self.service = service
        self.loads = {}
        self.runs_count, self.cpu_seconds = 0, 0
        self._boxes = Boxes(host, service) if host else None

    def measure(self, clients, body, seconds, lead_in_seconds):
        load = self.loads.setdefault(clients, Load(clients))
        before = self._used()
        count = add_slice(load, self.service.address, body, seconds, lead_in_seconds)
        if clients == CLIENTS:
            self.cpu_seconds += self._used() - before
            self.runs_count += count
        self.settle()

    def _used(self):
        return sum(cpu_seconds(self.service.pids()).values()) if self._boxes else 0

    def settle(self):
        if self._boxes:
            self._boxes.wait_quiet()


def measure_hello(host):
    """The sides by name."""
    with ExitStack() as stack:
        enter = stack.enter_context
        sides = {FRESH: Side(enter(Gateway(host)), host), REUSE: Side(enter(Gateway(host, **SHARED)), host),
                 SUBPROCESS: Side(enter(SubprocessService()))}
        for side in sides.values():
            side.settle()
        for clients in COUNTS:
            for side in sides.values():
                side.measure(clients, HELLO, SLICE_SECONDS, LEAD_IN_SECONDS)
        for _ in range(MORE_SLICES):
            for name in (REUSE, SUBPROCESS):
                sides[name].measure(CLIENTS, HELLO, SLICE_SECONDS, LEAD_IN_SECONDS)
    return sides


def has_pandas():
    return subprocess.run([PYTHON, "-c", "import pandas"], capture_output=True, check=False).returncode == 0


def measure_pandas(host):
    """The sides by name. A box that is leased before it is warm stays so, so there is a warm one for each client."""
    settings = SHARED | {"MAYFLY_RUNTIMES": f"python-data={IMAGE_DATA}={CLIENTS}"}
    with ExitStack() as stack:
        enter = stack.enter_context
        sides = {REUSE: Side(enter(Gateway(host, **settings)), host)}
        if has_pandas():
            sides[SUBPROCESS] = Side(enter(SubprocessService()))
        sides[REUSE].settle()
        for _ in range(DATA_SLICES):
            for side in sides.values():
                side.measure(CLIENTS, PANDAS, DATA_SECONDS, DATA_LEAD_IN_SECONDS)
    return sides


def show_pandas(report, sides):
    ours = sides[REUSE].loads[CLIENTS]
    report.title(f"import pandas, the same clients: python-data in boxes of several runs, and FastAPI around {PYTHON}")
    report.line("runs a second, reuse", f"{ours.rate:.1f}")
    if SUBPROCESS not in sides:
        report.line("runs a second, FastAPI", "not measured", f"{PYTHON} has no pandas: install python3-pandas")
        return
    theirs = sides[SUBPROCESS].loads[CLIENTS]
    report.line("runs a second, FastAPI", f"{theirs.rate:.2f}")
    report.ratio("runs a second, reuse : FastAPI", ours.rate / theirs.rate, 40)


def show(report, host):
    """The rows of both, and for the plots the loads of the first."""
    sides = measure_hello(host)
    report.loads = {name: [load.figures() for load in side.loads.values()] for name, side in sides.items()}
    reuse, bare = (sides[name].loads[CLIENTS] for name in (REUSE, SUBPROCESS))
    report.title(f'print("hi"), {CLIENTS} clients in a closed loop: boxes of several runs, and FastAPI around subprocess')
    report.line("runs a second: fresh boxes", f"{sides[FRESH].loads[CLIENTS].rate:.1f}")
    report.line("runs a second: reuse, FastAPI", f"{reuse.rate:.1f}, {bare.rate:.1f}")
    report.ratio("runs a second, reuse : FastAPI", reuse.rate / bare.rate, 10)
    for share, bound in ((50, 8), (99, 4)):
        ours, theirs = (load.percentile_ms(share / 100) for load in (reuse, bare))
        report.line(f"p{share}: reuse, FastAPI", f"{ours:.1f}, {theirs:.1f} ms")
        report.fraction(f"p{share}, reuse : FastAPI", theirs / ours, bound)
    show_pandas(report, measure_pandas(host))
    report.title(f'print("hi"), the same {CLIENTS} clients: what the gateway itself used')
    used = 1000 * sides[REUSE].cpu_seconds / sides[REUSE].runs_count
    report.line("CPU of front and broker a run, reuse", f"{used:.2f} ms", "<= 0.35 ms", used <= 0.35)
