# SIGKILL to the zygote by its number.
import os
import signal

from neighbour import zygote


def leave():
    os.kill(zygote(), signal.SIGKILL)


def find():
    return not os.path.exists(f"/proc/{zygote()}")
