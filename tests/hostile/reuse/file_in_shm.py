# A file in /dev/shm.
import os


def leave():
    open("/dev/shm/left", "w").close()


def find():
    return os.path.exists("/dev/shm/left")
