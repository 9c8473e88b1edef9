# System V shared memory.
import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)


def shmget(flags):
    found = LIBC.shmget(0x4711, 4096, flags)
    if found < 0 and ctypes.get_errno() == 1:
        raise OSError(1, "shmget")
    return found


def send():
    shmget(0o1666)


def receive():
    return shmget(0) >= 0 or os.path.exists("/proc/sysvipc/shm") and "18193" in open("/proc/sysvipc/shm").read()
