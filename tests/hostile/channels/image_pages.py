# Pages of a file of the image, written past its rights.
import ctypes
import mmap
import os

PATH = "/usr/bin/env"
MARK = b"mayfly-channel"
LIBC = ctypes.CDLL(None, use_errno=True)


def send():
    fd = os.open(PATH, os.O_RDONLY)
    readable, writable = os.pipe()
    refused = 0
    for write in (lambda: os.splice(fd, writable, 1, 0), lambda: os.pwrite(fd, MARK, 0),
                  lambda: os.write(os.open("/proc/self/mem", os.O_RDWR), MARK),
                  lambda: os.write(os.open(PATH, os.O_RDWR), MARK)):
        try:
            write()
            os.write(writable, MARK)
        except OSError:
            refused += 1
    private = mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    private[0:len(MARK)] = MARK  # a page of its own
    for end in (fd, readable, writable):
        os.close(end)


def receive():
    with open(PATH, "rb") as file:
        return MARK in file.read()
