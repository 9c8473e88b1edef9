# SIGKILL to the zygote's group.
import os
import signal

from neighbour import zygote


def leave():
    os.kill(-zygote(), signal.SIGKILL)


def find():
    return False
