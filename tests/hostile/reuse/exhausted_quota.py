# All of the CPU time, by more threads than the box has CPUs.
import os
import time


def leave():
    end = time.monotonic() + 0.35
    children = []
    for _ in range(4):
        if os.fork() == 0:
            while time.monotonic() < end:
                pass
            os._exit(0)
    for _ in range(4):
        os.wait()


def find():
    return False
