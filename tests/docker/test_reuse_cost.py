"""What a run in a box of several runs must not cost: counted in page faults and pages, not in time."""

import time

import pytest

import wire
from box import DATA_IMAGE, IMAGE, MIB, Box

RUNS = 5
COUNT_FAULTS = """
import os
for path in ("/sys/fs/cgroup/memory/memory.stat", "/sys/fs/cgroup/memory.stat"):
    if os.path.exists(path):
        print(*(line.split()[1] for line in open(path) if line.startswith("pgfault ")), flush=True)
"""
IMAGES = pytest.mark.parametrize("image", [IMAGE, DATA_IMAGE])


def serve(box, code):
    """One run's stdout. The box is ready again afterwards."""
    result = box.run(code, keeps_box=True)
    assert result.outcome and result.outcome.exit_code == 0, (result.refusal, bytes(result.stderr))
    frame = box.next_frame(time.monotonic() + 60)
    assert frame is not None and frame.type == wire.READY, frame
    return bytes(result.stdout).decode()


def faults_of(box, code):
    """The page faults from one run to the next, at the least."""
    counts = [int(serve(box, code)) for _ in range(RUNS)]
    return min(after - before for before, after in zip(counts, counts[1:]))


@IMAGES
def test_the_interpreter_is_not_taken_down_at_the_end(engine, image):
    """Its end would touch every module. A program that leaves at once shows what is left without that."""
    with Box(engine.socket, image=image, memory_bytes=512 * MIB) as box:
        serve(box, "pass")
        at_once = faults_of(box, COUNT_FAULTS + "os._exit(0)")
        assert faults_of(box, COUNT_FAULTS) < at_once * 1.4
