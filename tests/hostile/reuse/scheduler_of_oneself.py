# The idle scheduling class.
import os


def leave():
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def find():
    return os.sched_getscheduler(0) != os.SCHED_OTHER
