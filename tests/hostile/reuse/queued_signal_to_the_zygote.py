# A signal with a value.
import os


def leave():
    checked("sigqueue", zygote(), 40, None)


def find():
    return False
