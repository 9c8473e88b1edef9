# A message queue of System V.
from attempts import checked


def leave():
    checked("msgget", 0x1234, 0o1600)


def find():
    return len(open("/proc/sysvipc/msg").readlines()) > 1
