# An end by a signal.
import os


def leave():
    os.abort()


def find():
    return False
