# The machine's name.
import ctypes
import os
import socket

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBER = 170 if os.uname().machine == "x86_64" else 161


def send():
    if LIBC.syscall(NUMBER, b"mayfly-channel", 14) != 0:
        raise OSError(ctypes.get_errno(), "sethostname")


def receive():
    return socket.gethostname() == "mayfly-channel"
