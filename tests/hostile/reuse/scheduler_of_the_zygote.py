# Its scheduling class.
import os

from neighbour import zygote


def leave():
    os.sched_setscheduler(zygote(), os.SCHED_IDLE, os.sched_param(0))


def find():
    return os.sched_getscheduler(0) != os.SCHED_OTHER
