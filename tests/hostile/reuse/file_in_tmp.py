# A file in /tmp.
import os


def leave():
    open("/tmp/left.txt", "w").close()


def find():
    return os.path.exists("/tmp/left.txt")
