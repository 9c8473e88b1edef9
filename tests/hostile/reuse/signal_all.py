# A signal to all, to be found waiting.
import os
import signal

from neighbour import zygote


def leave():
    os.kill(-1, signal.SIGUSR1)


def find():
    return "ShdPnd:\t0000000000000000" not in open(f"/proc/{zygote()}/status").read()
