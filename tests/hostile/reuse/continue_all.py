# SIGSTOP and SIGCONT to all, of which nothing stays.
import os
import signal


def leave():
    os.kill(-1, signal.SIGSTOP)
    os.kill(-1, signal.SIGCONT)


def find():
    return False
