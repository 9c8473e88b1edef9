# A folder that cannot be entered, and so not be emptied.
import os


def leave():
    os.makedirs("/box/shut/inner")
    os.chmod("/box/shut", 0)


def find():
    return os.path.exists("/box/shut")
