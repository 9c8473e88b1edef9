# SIGSTOP to all.
import os
import signal


def leave():
    os.kill(-1, signal.SIGSTOP)


def find():
    return False
