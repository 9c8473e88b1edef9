# Another main.py.
import os


def leave():
    os.unlink("/box/main.py")
    os.mkdir("/box/main.py")


def find():
    return "changed" in open("/box/main.py").read().partition("def ")[0]
