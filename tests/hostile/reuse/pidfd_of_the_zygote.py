# A descriptor of the zygote.
import os


def leave():
    os.pidfd_open(zygote())


def find():
    return False
