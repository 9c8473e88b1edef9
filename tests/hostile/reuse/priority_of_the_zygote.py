# Its priority.
import os

from neighbour import zygote


def leave():
    os.setpriority(os.PRIO_PROCESS, zygote(), 19)


def find():
    return os.nice(0) == 19
