# POSIX message queues.
import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
OPEN = 240 if os.uname().machine == "x86_64" else 180


def mq_open(flags):
    fd = LIBC.syscall(OPEN, b"mayfly-channel", flags, 0o666, 0)
    if fd < 0 and ctypes.get_errno() == 1:
        raise OSError(1, "mq_open")
    return fd


def send():
    mq_open(os.O_CREAT | os.O_RDWR)


def receive():
    return mq_open(os.O_RDONLY) >= 0
