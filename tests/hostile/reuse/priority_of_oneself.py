# A lower priority than init's, which has its engine's.
import os


def leave():
    os.nice(7)


def find():
    return os.nice(0) != os.getpriority(os.PRIO_PROCESS, 1)
