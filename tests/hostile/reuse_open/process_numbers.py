# How many processes there have been.
import os


def leave():
    for _ in range(20):
        if os.fork() == 0:
            os._exit(0)
        os.wait()


def find():
    return os.getpid()
