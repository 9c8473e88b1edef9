# All of the CPU time, by more processes than the box has CPUs, until the kernel makes it wait.
import os
import signal
import time

JOB = {"timeout_ms": 30000}


def throttled():
    for path in ("/sys/fs/cgroup/cpu/cpu.stat", "/sys/fs/cgroup/cpu.stat"):
        if os.path.exists(path):
            return [line for line in open(path) if line.startswith("nr_throttled ")]


def leave():
    before, end = throttled(), time.monotonic() + 5
    children = []
    for _ in range(2):
        child = os.fork()
        while child == 0:
            pass
        children.append(child)
    while throttled() == before and time.monotonic() < end:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def find():
    return False
