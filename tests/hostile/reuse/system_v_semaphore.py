# A semaphore of System V.
from attempts import checked


def leave():
    checked("semget", 0x1234, 1, 0o1600)


def find():
    return len(open("/proc/sysvipc/sem").readlines()) > 1
