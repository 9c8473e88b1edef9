# The mode of /box.
import os


def leave():
    os.chmod("/box", 0o711)


def find():
    return os.stat("/box").st_mode & 0o777 == 0o711
