"""What the programs of reuse/ have besides attempts.py: the zygote beside them. Put in place of the import of it."""

import os
import signal


def zygote():
    """The number of the one process that is neither init nor the program."""
    return min(int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid()))


def wait_for_ever():
    while True:
        signal.pause()
