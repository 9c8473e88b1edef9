# Its CPUs.
import os

from neighbour import zygote


def leave():
    os.sched_setaffinity(zygote(), {min(os.sched_getaffinity(0))})


def find():
    return len(os.sched_getaffinity(0)) < os.cpu_count()
