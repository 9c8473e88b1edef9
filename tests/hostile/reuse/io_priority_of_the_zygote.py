# Its priority of input and output.
import os


def leave():
    syscall("ioprio_set", 1, zygote(), 3 << 13)


def find():
    return False
