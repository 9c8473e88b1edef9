# Keys in the kernel, by user.
import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
ADD, KEYCTL = (248, 250) if os.uname().machine == "x86_64" else (217, 219)


def send():
    key = LIBC.syscall(ADD, b"user", b"mayfly-channel", b"x", 1, -4)
    if key < 0:
        raise OSError(ctypes.get_errno(), "add_key")


def receive():
    found = LIBC.syscall(KEYCTL, 10, -4, b"user", b"mayfly-channel", 0)
    if found < 0 and ctypes.get_errno() == 1:
        raise OSError(1, "keyctl")
    return found >= 0
