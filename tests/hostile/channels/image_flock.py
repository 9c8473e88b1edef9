# Locks of whole files, on a file of the image.
import fcntl
import os

held = []


def lock():
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def send():
    if not held:
        held.append(lock())


def receive():
    fd = lock()
    if fd is None:
        return True
    os.close(fd)
    return False
