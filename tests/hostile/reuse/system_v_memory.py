# A segment of System V.
from attempts import checked


def leave():
    checked("shmget", 0x1234, 4096, 0o1600)


def find():
    return len(open("/proc/sysvipc/shm").readlines()) > 1
