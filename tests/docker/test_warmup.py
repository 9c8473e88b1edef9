"""A box that is leased in the middle of its warm-up: its programs behave the same, whatever was imported before.

Each program of fidelity/ runs at one step, and each step has a program or two. `make warmup-test` runs each at each."""

import os
import re
import time
from pathlib import Path

import pytest

from box import DATA_IMAGE, Box, call
import test_fidelity
from test_fidelity import PROGRAMS, Program, run_in_box

bare = test_fidelity.bare  # a fixture
ROOT = Path(__file__).resolve().parents[2]
MODULES = re.findall(r'"(\w[\w.]*)"', re.search(r"MODULES\[\] = \{(.*?)\};", (
    ROOT / "runner-image/python/warmup.c").read_text(), re.S)[1])
STEPS = len(MODULES)
DATA_STEPS = STEPS + len(re.findall(r"\(\d+, import_|\(\d+, \w+_once", (
    ROOT / "runner-image/python-data/mayfly_runtime.py").read_text())) + 3
WHOLE = os.environ.get("WARMUP_STEPS") == "all"
# What a program can most easily see of the warm-up, at each tenth step.
SENSITIVE = ("clocks", "env_all", "exit_del_order", "exit_patched_modules", "gc_state", "import_own",
             "process_clocks", "process_descriptors", "process_scheduling", "sys_attributes", "threads_main")


def cases():
    for number, path in enumerate(PROGRAMS):
        for step in range(STEPS + 1):
            chosen = number % (STEPS + 1) == step or (path.stem in SENSITIVE and step % 10 == 0)
            if WHOLE or chosen:
                yield pytest.param(path, step, id=f"{path.stem}-{step}")


@pytest.mark.parametrize("path, step", cases())
def test_program_at_a_step(engine, bare, path, step):
    behaviour = run_in_box(engine, Program.read(path), steps=step)
    assert vars(behaviour) == vars(bare(path))


@pytest.mark.parametrize("step", range(STEPS, DATA_STEPS + 1))
def test_program_in_python_data_at_a_step(engine, bare, step):
    by_name = {path.stem: path for path in PROGRAMS}
    names = ("exit_del_order", "exit_atexit_exits", "process_clocks", "process_scheduling", "env_all")
    path = by_name[names[step % len(names)]]
    behaviour = run_in_box(engine, Program.read(path), image=DATA_IMAGE, steps=step)
    assert vars(behaviour) == vars(bare(path))


# ---- how warm ----

def run(engine, source, steps=None, image=None, **job):
    settings = {"image": image} if image else {}
    with Box(engine.socket, steps=steps, **settings) as box:
        return box.run(source, **job)


@pytest.mark.parametrize("steps", [0, 1, 40, STEPS - 1, STEPS])
def test_started_says_how_warm(engine, steps):
    result = run(engine, "import sys\nprint(*sys.modules)", steps)
    loaded = set(result.stdout.decode().split())
    assert result.warmth == 100 * steps // STEPS
    assert set(MODULES[:steps]) <= loaded
    assert steps or "threading" not in loaded


def test_a_cold_start_is_not_warm(engine):
    result = run(engine, "print(1)", STEPS, env={"TZ": "Asia/Tokyo"})
    assert (result.cold, result.warmth) == (True, 0)


def test_a_file_shadows_a_module_that_is_not_imported_yet(engine):
    """No cold start is needed for it."""
    early, late = (run(engine, "import socket", steps, files={"socket.py": "print('own')"}) for steps in (3, STEPS))
    assert (early.cold, bytes(early.stdout)) == (False, b"own\n")
    assert (late.cold, bytes(late.stdout)) == (True, b"own\n")


def test_the_packages_are_not_waited_for(engine):
    """The box is leased while a child imports packages: the child ends, and its parent becomes the program."""
    with Box(engine.socket, image=DATA_IMAGE, steps=None) as box:
        wait_for_processes(engine, box, 3)
        result = box.run("import os\nprint(sum(name.isdigit() for name in os.listdir('/proc')))")
    assert (bytes(result.stdout), bytes(result.stderr)) == (b"2\n", b"")
    assert 0 < result.warmth < 100


def wait_for_processes(engine, box, count):
    """Init, the template, and its child."""
    deadline = time.monotonic() + 60
    while len(call(engine.socket, "GET", f"/containers/{box.id}/top")["Processes"]) != count:
        assert time.monotonic() < deadline, f"never {count} processes"


@pytest.mark.parametrize("steps", [STEPS + 3, DATA_STEPS - 1, DATA_STEPS])
def test_packages_work_at_each_step(engine, steps):
    result = run(engine, """
import numpy, pandas, matplotlib.pyplot as plt, scipy.stats
print(numpy.arange(3).sum(), pandas.DataFrame({"a": [1, 2]})["a"].sum())
plt.plot([1, 2])
plt.show()
""", steps, DATA_IMAGE, displays_bytes=1 << 20, timeout_ms=30000)
    assert (bytes(result.stdout), bytes(result.stderr), len(result.displays)) == (b"3 3\n", b"", 1)


# ---- clocks ----

@pytest.mark.parametrize("image, steps", [(None, 1), (None, STEPS - 1), (DATA_IMAGE, DATA_STEPS - 1)])
def test_nothing_of_a_warm_up_is_on_the_clocks_or_the_bill(engine, image, steps):
    """The packages' imports take more than a second of CPU time."""
    result = run(engine, """
import os, resource, time
print(time.process_time() < 1, resource.getrusage(resource.RUSAGE_CHILDREN)[:7], os.getppid())
print(sum(name.isdigit() for name in os.listdir("/proc")))
""", steps, image)
    assert bytes(result.stdout) == b"True (0.0, 0.0, 0, 0, 0, 0, 0) 1\n2\n"
    assert 0 < result.outcome.cpu_ns < 10**9

