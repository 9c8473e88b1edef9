# A child that waits.
import os


def leave():
    if os.fork() == 0:
        wait_for_ever()


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
