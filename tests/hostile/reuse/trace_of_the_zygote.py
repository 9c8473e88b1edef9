# A tracer's rights over it.
import os


def leave():
    checked("ptrace", 16, zygote(), None, None)


def find():
    return False
