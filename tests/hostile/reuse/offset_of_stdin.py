# Where stdin was left.
import os


def leave():
    os.lseek(0, 5, os.SEEK_SET)


def find():
    return os.lseek(0, 0, os.SEEK_CUR) != 0
