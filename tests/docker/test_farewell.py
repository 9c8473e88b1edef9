"""The farewell to init (runner-image/protocol.h), from a program that continues after it.

A template of our own stands in for the interpreter: it knows the secret from its job, as a hostile program finds it in
its memory.
"""

import time

import pytest

import wire
from box import Box, MIB, Result

FAREWELL = """
import ctypes, fcntl, os, signal, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
os.write(3, b'w')
head = os.read(3, 16)
payload_len, secret = struct.unpack_from('>4xIQ', head)
while payload_len: payload_len -= len(os.read(3, payload_len))
os.close(3)
def say_farewell(code, cpu_us=0):
    libc.sigqueue(1, signal.SIGRTMIN, ctypes.c_void_p(secret | cpu_us << 8 | code))
def continue_often():
    # Without a handler, the timer of an ignored signal fires once.
    signal.signal(signal.SIGCONT, lambda *_: None)
    event = struct.pack('qii48x', 0, signal.SIGCONT, 0)
    timer = ctypes.c_void_p()
    often = struct.pack('qqqq', 0, 1_000_000, 0, 1_000_000)
    if libc.timer_create(1, event, ctypes.byref(timer)) or libc.timer_settime(timer, 0, often, None):
        raise OSError(ctypes.get_errno(), 'timer')
"""


@pytest.fixture
def run(engine):
    """Run a job with `program` as its template; the job's source is not looked at."""

    def run(program, **job):
        with Box(engine.socket, template=("/usr/bin/python3", "-I", "-S", "-c", FAREWELL + program)) as box:
            return box.run("unused", seconds=30, **job)

    return run


def test_farewell_ends_the_run(run):
    result = run("os.write(1, b'done'); say_farewell(5); time.sleep(60)")
    assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 5)
    assert result.stdout == b"done"


def test_farewell_that_goes_on_is_cut_at_once(engine):
    # Nobody reads what init passes on, so that the pipe is still full when init hears the farewell.
    program = FAREWELL + f"""
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, {MIB})
continue_often()
os.set_blocking(1, False)
quiet_since = time.monotonic()
while time.monotonic() < quiet_since + 0.3:
    try:
        os.write(1, bytes(4096))
        quiet_since = time.monotonic()
    except BlockingIOError: pass
say_farewell(5)
deadline = time.monotonic() + 1
while time.monotonic() < deadline: pass
os.set_blocking(1, True)
os.write(1, b'the answer that took longer')
"""
    with Box(engine.socket, template=("/usr/bin/python3", "-I", "-S", "-c", program)) as box:
        box.send(wire.Job("unused", output_bytes=64 * MIB, timeout_ms=10000).frame(1))
        time.sleep(3)  # for the reader to be slow
        result = box.collect(Result(), 20)
        assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 5)
        assert b"answer" not in result.stdout


def test_farewell_after_the_deadline_is_a_timeout(run):
    # Init is kept from its clock by a flood, so that both are there when it looks.
    result = run("""
deadline = time.monotonic() + 0.3
while time.monotonic() < deadline: os.write(1, bytes(65536))
while True: say_farewell(5)
""", timeout_ms=200, output_bytes=1000)
    assert result.outcome.verdict == wire.TIMEOUT


def test_nobody_says_farewell_for_a_process_that_lives(run):
    result = run("""
parent = os.getpid()
if os.fork() == 0:
    info = struct.pack('iiiiiiQ', signal.SIGRTMIN, 0, -1, 0, parent, os.getuid(), secret | 5).ljust(128, bytes(1))
    if libc.syscall(129, 1, signal.SIGRTMIN, info): os.write(1, os.strerror(ctypes.get_errno()).encode())
    time.sleep(60)
time.sleep(1)
os.write(1, b'goes on')
os._exit(3)
""")
    assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 3)
    assert result.stdout == b"goes on"


@pytest.mark.parametrize("cpu_us", [1000, 0xFFFFFF])
def test_farewell_tells_of_little_more_cpu_time_than_there_was(run, cpu_us):
    outcome = run(f"time.sleep(0.3)\nsay_farewell(0, {cpu_us})\ntime.sleep(60)").outcome
    assert outcome.verdict == wire.EXITED
    assert outcome.cpu_ns < 50e6


def test_farewell_with_a_slow_reader_is_no_longer_life(engine):
    program = FAREWELL + """
continue_often()
os.write(1, bytes(60_000))
say_farewell(5)
while True: pass
"""
    with Box(engine.socket, template=("/usr/bin/python3", "-I", "-S", "-c", program)) as box:
        box.send(wire.Job("unused", output_bytes=MIB).frame(1))
        result = box.collect(Result(), 20)
        assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 5)
        assert box.next_frame(time.monotonic() + 10) is None
        assert box.exit_code() == 0


def test_template_that_leaves_its_place_to_a_fork(engine):
    program = """
import os, sys, time
if os.fork(): os._exit(0)
while os.getppid() != 1: time.sleep(0.001)
""" + FAREWELL + "os.write(1, b'fork'); say_farewell(4); time.sleep(60)"
    with Box(engine.socket, template=("/usr/bin/python3", "-I", "-S", "-c", program)) as box:
        result = box.run("unused")
        assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 4)
        assert result.stdout == b"fork"


def test_failure_to_begin_is_no_output(engine):
    program = FAREWELL.replace("os.close(3)\n", "os.write(3, b'ftoo large'); os._exit(1)\n")
    with Box(engine.socket, template=("/usr/bin/python3", "-I", "-S", "-c", program)) as box:
        result = box.run("unused")
        assert (result.frames, result.refusal) == ([wire.REFUSED], "the program did not run: too large")
