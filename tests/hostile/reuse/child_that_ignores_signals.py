# A child that ignores all that it can.
import os
import signal

from neighbour import wait_for_ever


def leave():
    if os.fork() == 0:
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        wait_for_ever()


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
