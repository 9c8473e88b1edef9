# A child that waits.
import os

from neighbour import wait_for_ever


def leave():
    if os.fork() == 0:
        wait_for_ever()


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
