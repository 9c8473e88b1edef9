# A lower priority.
import os


def leave():
    os.nice(7)


def find():
    return os.nice(0) != 0
