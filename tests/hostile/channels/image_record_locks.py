# Locks of parts of files, on a file of the image, and the kernel's list of them.
import fcntl
import os
import struct

fd = os.open("/usr/bin/env", os.O_RDONLY)
INODE = os.fstat(fd).st_ino


def send():
    fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 4711)


def receive():
    asked = fcntl.fcntl(fd, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 4711, 1, 0))
    if struct.unpack("hhqqi4x", asked)[0] != fcntl.F_UNLCK:
        return True
    return any(f":{INODE} 4711 " in line for line in open("/proc/locks"))
