# How many files there have been in /tmp.
import os


def leave():
    for _ in range(20):
        open("/tmp/file", "w").close()
        os.unlink("/tmp/file")


def find():
    with open("/tmp/file", "w") as file:
        return os.fstat(file.fileno()).st_ino
