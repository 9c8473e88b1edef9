# A descriptor of the zygote.
import os

from neighbour import zygote


def leave():
    os.pidfd_open(zygote())


def find():
    return False
