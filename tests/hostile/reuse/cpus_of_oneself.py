# One CPU only.
import os


def leave():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def find():
    return len(os.sched_getaffinity(0)) < os.cpu_count()
