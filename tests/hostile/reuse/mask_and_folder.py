# Umask, and the working folder.
import os


def leave():
    os.umask(0o777)
    os.chdir("/")


def find():
    return os.getcwd() != "/box" or os.umask(0o22) == 0o777
