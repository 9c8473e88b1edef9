# A child that is made after the interpreter has ended.
import atexit
import os

from neighbour import wait_for_ever


def leave():
    def last():
        if os.fork() == 0:
            wait_for_ever()
    atexit.register(last)


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
