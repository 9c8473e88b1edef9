"""A reset outlasts a slow kernel: a box is not given up because its last program takes long to die."""

import contextlib
import ctypes
import errno
import os
import signal
import time

import pytest

import wire
from box import DATA_IMAGE, IMAGE, MIB, Box

PTRACE_SEIZE = 0x4206
# longer than the looks of a reset may differ, and shorter than a death may take
LIMBO_SECONDS = 1
IMAGES = pytest.mark.parametrize("image", [IMAGE, DATA_IMAGE])


def frame_after(box):
    return box.next_frame(time.monotonic() + 60)


def next_program(box):
    """The number on this host of the process that waits for the next job. It is init's youngest child."""
    init = box.state()["Pid"]
    with open(f"/proc/{init}/task/{init}/children", encoding="ascii") as file:
        return max(map(int, file.read().split()))


@contextlib.contextmanager
def held(pid):
    """Trace it inside of the context: when it has died, init can reap it only after we have."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0, errno.errorcode[ctypes.get_errno()]
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        while not os.WIFSIGNALED(os.waitpid(pid, 0)[1]):
            continue


@IMAGES
def test_a_program_that_dies_slowly_does_not_cost_the_box(engine, image):
    with Box(engine.socket, image=image, memory_bytes=512 * MIB) as box:
        assert box.run("pass", keeps_box=True).outcome
        assert frame_after(box).type == wire.READY
        with held(next_program(box)):
            assert box.run("pass", keeps_box=True).outcome.exit_code == 0
            with pytest.raises(TimeoutError):
                box.next_frame(time.monotonic() + LIMBO_SECONDS)
        assert frame_after(box).type == wire.READY
        assert box.run("print(1)", keeps_box=True).stdout == b"1\n"
