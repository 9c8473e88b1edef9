# A queue, made as a file.
import os


def leave():
    open("/dev/mqueue/left", "w").close()


def find():
    return os.listdir("/dev/mqueue")
