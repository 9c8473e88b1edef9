# No main.py.
import os


def leave():
    os.unlink("/box/main.py")


def find():
    return not os.path.exists("/box/main.py")
