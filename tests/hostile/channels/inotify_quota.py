# How many inotify instances a user may have.
import ctypes

LIBC = ctypes.CDLL(None, use_errno=True)
held = []


def send():
    while (fd := LIBC.inotify_init1(0)) >= 0:
        held.append(fd)
    if not held:
        raise OSError(ctypes.get_errno(), "inotify_init1")


def receive():
    fd = LIBC.inotify_init1(0)
    if fd < 0 and ctypes.get_errno() == 1:
        raise OSError(1, "inotify_init1")
    if fd < 0:
        return True
    LIBC.close(fd)
    return False
