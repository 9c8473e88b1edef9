# A segment of System V.
import os


def leave():
    checked("shmget", 0x1234, 4096, 0o1600)


def find():
    return len(open("/proc/sysvipc/shm").readlines()) > 1
