# The mode of /tmp, which holds seven bits.
import os


def leave():
    os.chmod("/tmp", 0o1765)


def find():
    return os.stat("/tmp").st_mode & 0o7777 == 0o1765
