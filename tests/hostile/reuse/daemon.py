# A process of its own session.
import os

from neighbour import wait_for_ever


def leave():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            wait_for_ever()
        os._exit(0)
    os.wait()


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
