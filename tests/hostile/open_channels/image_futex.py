# A wake-up by a page of a file of the image: locks that processes share need the call, and its key is the image's file.
import ctypes
import errno
import mmap
import os

WAIT, WAKE = 0, 1
LIBC = ctypes.CDLL(None, use_errno=True)
NUMBER = 202 if os.uname().machine == "x86_64" else 98
PAGE = mmap.mmap(os.open("/usr/bin/env", os.O_RDONLY), 4096, mmap.MAP_SHARED, mmap.PROT_READ)
# Python hands out no address of a page that cannot be written.
START = next(int(line.split("-")[0], 16) for line in open("/proc/self/maps") if " r--s " in line and "/env" in line)
VALUE = int.from_bytes(PAGE[:4], "little")


def send():
    LIBC.syscall(NUMBER, ctypes.c_void_p(START), WAKE, 1, None, None, 0)


def receive():
    for_a_moment = (ctypes.c_long * 2)(0, 50_000_000)
    if LIBC.syscall(NUMBER, ctypes.c_void_p(START), WAIT, ctypes.c_uint(VALUE), for_a_moment, None, 0) == 0:
        return True
    if ctypes.get_errno() not in (errno.ETIMEDOUT, errno.EINTR):
        raise OSError(ctypes.get_errno(), "futex")
    return False
