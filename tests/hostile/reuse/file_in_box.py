# A file in /box.
import os


def leave():
    open("/box/left.txt", "w").close()


def find():
    return os.path.exists("/box/left.txt")
