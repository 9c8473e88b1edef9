# How many queued signals a user may have.
import ctypes
import os
import signal

LIBC = ctypes.CDLL(None, use_errno=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [50])


def send():
    while LIBC.sigqueue(os.getpid(), 50, None) == 0:
        pass


def receive():
    full = LIBC.sigqueue(os.getpid(), 50, None) != 0
    if not full:
        signal.sigtimedwait([50], 0)
    return full
