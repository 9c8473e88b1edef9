# Its process group.
import os


def leave():
    os.setpgid(zygote(), 0)


def find():
    return False
