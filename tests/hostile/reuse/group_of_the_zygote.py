# Its process group.
import os

from neighbour import zygote


def leave():
    os.setpgid(zygote(), 0)


def find():
    return False
