# How many pages of pipes a user may have.
import fcntl
import os

held = []


def send():
    try:
        while len(held) < 200:
            held.append(os.pipe())
            fcntl.fcntl(held[-1][0], fcntl.F_SETPIPE_SZ, 1 << 20)
    except OSError:
        pass


def receive():
    ends = os.pipe()
    try:
        fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, 1 << 20)
    except OSError:
        return True
    finally:
        os.close(ends[0])
        os.close(ends[1])
    return False
