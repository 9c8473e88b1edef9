# Locks of open files, which the kernel's list shows to every namespace.
import fcntl
import os
import struct

MARK = 7770000
fd = os.open("/tmp/lock", os.O_RDWR | os.O_CREAT)


def send():
    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, MARK, 1, 0))


def receive():
    return any(f" {MARK} " in line for line in open("/proc/locks"))
