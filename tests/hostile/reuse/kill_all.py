# SIGKILL to all, which the zygote is among.
import os
import signal


def leave():
    os.kill(-1, signal.SIGKILL)


def find():
    return False
