# Processes, their names and their numbers.
import ctypes
import os
import time

LIBC = ctypes.CDLL(None)
held = []


def send():
    if not held:
        held.append(os.fork())
        if held[0] == 0:
            LIBC.prctl(15, b"mayfly-channel")
            time.sleep(60)
            os._exit(0)


def receive():
    for pid in os.listdir("/proc"):
        try:
            if pid.isdigit() and "mayfly-channel" in open(f"/proc/{pid}/comm").read():
                return True
        except OSError:
            pass
    return False
