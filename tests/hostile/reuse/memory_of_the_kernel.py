# Names that do not exist: the kernel remembers them, in the box's memory.
from attempts import LIBC

JOB = {"timeout_ms": 30000}


def leave():
    for number in range(80000):
        LIBC.access(b"/usr/lib/no-such-file-%d" % number, 0)


def find():
    return False
